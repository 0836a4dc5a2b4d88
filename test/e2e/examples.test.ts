/**
 * Every example of examples/, run as its README says: with the built library, which they import by the package's name. The one in
 * Python has test/unit/http/python-example.test.ts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { requestFromPng } from '../../models/run/metadata.js';
import { ROOT } from '../../scripts/paths.mjs';
import { CHROMIUM, openBrowser } from '../panel/browser.js';
import { runProgram } from '../support/checkout.js';
import { startCompanion } from '../support/companion.js';
import { createFakeEngine, pictureOf } from '../support/fake-engine.js';

const folder = mkdtempSync(join(tmpdir(), 'twostep-examples-'));
const env = { TWOSTEP_PACKS: join(folder, 'packs'), TWOSTEP_CACHE: join(folder, 'cache') };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const node = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  runProgram(process.execPath, args, { cwd: ROOT, env: { ...env, ...more } });

it('has a test for each', () => {
  const README = readFileSync(join(ROOT, 'examples', 'README.md'), 'utf8');
  const listed = [...README.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name).sort();
  const there = readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
    .filter(({ name }) => name !== 'README.md')
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  expect(listed).toEqual(there.sort());
  expect(listed).toEqual(['browser/', 'generate.mjs', 'openai.mjs', 'python/', 'recipe/']);
});

it('generate.mjs generates an image in Node, the same again from its own request', async () => {
  const file = join(folder, 'house.png');
  const run = await node(['examples/generate.mjs', 'a red house on a hill', file]);
  expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: 'Drew: house, hills, red.\n' });
  expect(run.stdout).toBe(`${file}: 256 x 256 pixels, seed 7\n`);
  expect(requestFromPng(readFileSync(file))).toMatchObject({ prompt: 'a red house on a hill', seeds: [7] });
  const wrong = await node(['examples/generate.mjs', 'zeppelinish', join(folder, 'none.png')]);
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain('zeppelinish');
  expect(existsSync(join(folder, 'none.png'))).toBe(false);
});

it("openai.mjs gets an image from the companion by OpenAI's client", async () => {
  const engine = createFakeEngine();
  const companion = await startCompanion({ engine });
  try {
    const file = join(folder, 'heart.png');
    const run = await node(['examples/openai.mjs', 'a red heart', file], {
      OPENAI_API_KEY: companion.token,
      OPENAI_BASE_URL: `${companion.url}/v1`,
    });
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
    expect(engine.requests).toMatchObject([{ prompt: 'a red heart', seeds: [7] }]);
    expect(readFileSync(file).equals(pictureOf(engine.requests[0]!, 0).bytes)).toBe(true);
  } finally {
    await companion.close();
  }
});

it('recipe/ makes a pack of checkpoints, which draws', async () => {
  const reference = join(ROOT, 'test', 'reference', 'llamagen-a');
  const files = { teacher: 'c2i.pt', student: 'dd-c2i.pt', vq: 'vq.pt' };
  const imported = await node([
    'dist/twostep.js',
    'import',
    'examples/recipe/seven.json',
    ...Object.entries(files).flatMap(([role, name]) => [`--${role}`, join(reference, name)]),
  ]);
  expect(imported.code, imported.stderr).toBe(0);
  const drawn = await node(['dist/twostep.js', 'generate', 'two', '--pack', 'seven', '--seed', '1', '--out', folder]);
  expect(drawn.code, drawn.stderr).toBe(0);
  expect(requestFromPng(readFileSync(drawn.stdout.trim()))).toMatchObject({ prompt: 'two', pack: 'seven' });
});

it('the reference is made without a warning', async () => {
  const run = await node(['scripts/run.mjs', 'reference']);
  expect(run.code, run.stdout).toBe(0);
  const page = readFileSync(join(ROOT, 'reference', 'functions', 'models_library_core.openPack.html'), 'utf8');
  expect(page).toContain('OpenPackOptions');
  expect(readFileSync(join(ROOT, 'reference', 'http.html'), 'utf8')).toContain('/v1/images/generations');
});

describe.skipIf(!CHROMIUM)('browser/', () => {
  it('generates in a page, and reaches no other host', async () => {
    const server = spawn(process.execPath, ['examples/browser/serve.mjs'], {
      cwd: ROOT,
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const browser = await openBrowser();
    try {
      const address = await firstLine(server);
      const page = await browser.newPage();
      const elsewhere: string[] = [];
      page.on('request', (request) => {
        if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(address)) elsewhere.push(request.url());
      });
      const faults: Error[] = [];
      page.on('pageerror', (error) => faults.push(error));
      await page.goto(address);
      await page.getByRole('button', { name: 'Generate' }).click({ trial: true });
      await page.getByRole('status').filter({ hasText: 'Ready.' }).waitFor();
      await page.getByLabel('Prompt').fill('a yellow star on blue');
      await page.getByRole('button', { name: 'Generate' }).click();
      await page.getByRole('img', { name: 'a yellow star on blue' }).waitFor({ timeout: 60_000 });
      const side = await page.locator('img').evaluate((image) => {
        const { naturalWidth } = image as unknown as { naturalWidth: number };
        return naturalWidth;
      });
      expect({ side, elsewhere, faults }).toEqual({ side: 256, elsewhere: [], faults: [] });
    } finally {
      await browser.close();
      server.kill();
    }
  });
});

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('the server says nothing');
  for await (const chunk of stdout) return `${chunk}`.trim();
  throw new Error('the server ended');
}
