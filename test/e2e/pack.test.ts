/** What `npm pack` makes: installed into an empty folder it runs, and brings nothing but ONNX Runtime along. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../../server/setup/paths.mjs';
import { runProgram } from '../support/checkout.js';
import { writePack } from '../support/packs.js';

const folder = mkdtempSync(join(tmpdir(), 'twostep-pack-'));
const app = join(folder, 'app');
let archive: string;
let files: string[];

beforeAll(async () => {
  const packed = await runProgram('npm', ['pack', '--pack-destination', folder], { cwd: ROOT });
  expect(packed.code, packed.stderr).toBe(0);
  archive = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'no archive');
  files = execFileSync('tar', ['-tzf', archive]).toString().trim().split('\n');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{"name": "app", "private": true}');
  const install = await runProgram('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', archive], {
    cwd: app,
    // Its install script would fetch CUDA libraries, which no test may need.
    env: { ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  expect(install.code, install.stderr).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const home = join(folder, 'home');
const twostep = (...args: string[]) =>
  runProgram('npx', ['--no-install', 'twostep', ...args], {
    cwd: app,
    env: {
      HOME: home,
      XDG_CACHE_HOME: undefined,
      TWOSTEP_PACKS: join(folder, 'packs'),
      TWOSTEP_CACHE: join(folder, 'cache'),
      // npx has files of its own at home.
      npm_config_cache: join(folder, 'npm'),
      npm_config_update_notifier: 'false',
    },
  });

it('holds the bundle, the packs and the words about them, and no source', () => {
  const own = files.filter((name) => !/^package\/(dist\/|models\/packs\/)/.test(name)).sort();
  expect(own).toEqual(['package/LICENSE', 'package/NOTICE', 'package/README.md', 'package/package.json']);
  expect(files).toEqual(expect.arrayContaining(['package/dist/twostep.js', 'package/dist/THIRD_PARTY.txt']));
});

it('brings the native packages and what they need, and nothing that was bundled', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const installed = (name: string) => existsSync(join(app, 'node_modules', name));
  expect(Object.keys(dependencies).filter((name) => !installed(name))).toEqual([]);
  const bundled = Object.keys(devDependencies).filter((name) => name !== 'onnxruntime-common');
  expect(bundled.filter(installed)).toEqual([]);
  for (const name of ['protobufjs', 'long', 'onnxruntime-web', 'typescript']) expect(installed(name), name).toBe(false);
});

it('names the licence of everything inside the bundle', () => {
  const text = readFileSync(join(app, 'node_modules', 'twostep', 'dist', 'THIRD_PARTY.txt'), 'utf8');
  for (const name of ['commander', 'zod', 'fflate', '@bufbuild/protobuf', '@huggingface/tokenizers'])
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
});

it('runs', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(await twostep('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
  const wrong = await twostep('generate', 'owl', '--seed', 'x');
  expect(wrong.code).toBe(2);
  const packs = join(folder, 'packs', 'test-pack');
  writePack(packs);
  const list = await twostep('pack', 'list');
  expect([list.code, list.stdout]).toEqual([0, expect.stringMatching(/^test-pack +68 B {2}Test pack$/m)]);
  rmSync(packs, { recursive: true });
});

it('reaches ONNX Runtime, and tells in a sentence that a graph is none', async () => {
  const run = await twostep('generate', 'owl', '--pack', writePack(join(folder, 'no-graphs')), '--seed', '1');
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('A graph of the pack could not be loaded');
  expect(run.stderr).not.toContain('    at ');
});

it('draws with the pack that came along, again bit for bit, and writes nowhere else', async () => {
  mkdirSync(home, { recursive: true });
  const out = join(folder, 'pictures');
  const first = await twostep('generate', 'a calm morning', '--seed', '7', '--out', out);
  expect(first.code, first.stderr).toBe(0);
  const again = await twostep('generate', '--like', first.stdout.trim(), '--out', out);
  expect(again.code, again.stderr).toBe(0);
  expect(again.stdout).toBe(`${join(out, 'a-calm-morning-7-2.png')}\n`);
  const [one, two] = [first, again].map(({ stdout }) => readFileSync(stdout.trim()));
  expect(one?.subarray(1, 4).toString()).toBe('PNG');
  expect(two?.equals(one ?? Buffer.of())).toBe(true);
  // ONNX Runtime would keep a device id and a database here if its telemetry were on.
  expect(readdirSync(home, { recursive: true })).toEqual([]);
});
