/** `npm start` on a fresh clone: it installs, builds and runs; when cut off it heals; when nothing changed it costs nothing. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SIZES, weigh } from '../../scripts/sizes.mjs';
import { copyCheckout, runProgram, startProgram } from '../support/checkout.js';

const parent = mkdtempSync(join(tmpdir(), 'twostep-clone-'));
const clone = join(parent, 'clone');
beforeAll(() => void copyCheckout(clone));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

const RUN = join('scripts', 'run.mjs');
const verb = (...args: string[]) => startProgram(process.execPath, [RUN, ...args], { cwd: clone });
const MODULES = join(clone, 'node_modules');
const COMMAND = join(clone, 'dist', 'twostep.js');

it('says that the registry can not be reached, and what to do', async () => {
  const run = await runProgram('npm', ['start'], {
    cwd: clone,
    env: { npm_config_registry: 'http://127.0.0.1:9', npm_config_cache: join(parent, 'empty-cache') },
  });
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/The package registry can't be reached \(ECONNREFUSED\)\. Check the network/);
  expect(run.stderr).not.toContain('    at ');
});

it("E7: a checkout that can't be written is told in a sentence", async () => {
  chmodSync(clone, 0o555);
  try {
    // Root may write everywhere, so that it starts the program as somebody else.
    const other = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    chmodSync(parent, 0o755);
    const run = spawnSync(process.execPath, [RUN, 'start'], { cwd: clone, encoding: 'utf8', ...other });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(
      /\.setup\.lock can't be written \(EACCES\)\. Twostep installs and builds inside its own folder/,
    );
    expect(run.stderr).not.toContain('    at ');
  } finally {
    chmodSync(clone, 0o755);
  }
});

it('an install that is killed half-way is done again by the next run, and by one alone when two come', async () => {
  const first = verb('build');
  while (!existsSync(MODULES) || readdirSync(MODULES).length < 8) await delay(20);
  first.kill('SIGKILL');
  expect((await first.finished).signal).toBe('SIGKILL');
  expect(existsSync(join(MODULES, '.package-lock.json'))).toBe(false);

  const both = await Promise.all([verb('start', '--help').finished, verb('build').finished]);
  expect(both.map(({ code, stderr }) => ({ code, stderr: code === 0 ? '' : stderr }))).toEqual([
    { code: 0, stderr: '' },
    { code: 0, stderr: '' },
  ]);
  const said = both.map(({ stderr }) => stderr).join('');
  expect(said.match(/Installing packages .* done in/g)).toHaveLength(1);
  expect(said).toContain('Another setup is at work here');
  expect(both[0].stdout).toContain('Usage: twostep start');
  expect(both[1].stdout).toMatch(/dist\/twostep\.js +\d+ kB/);
  expect(existsSync(join(clone, '.setup.lock'))).toBe(false);
});

it('installs only what building and running need', () => {
  for (const tool of ['vitest', 'typescript', '@biomejs', '@huggingface/transformers', 'playwright-core', 'knip'])
    expect(existsSync(join(MODULES, tool)), tool).toBe(false);
  expect(existsSync(join(MODULES, 'onnxruntime-node'))).toBe(true);
});

it('E8: weighs what README.md says', () => {
  const { run } = JSON.parse(readFileSync(SIZES, 'utf8'));
  const weight = weigh(MODULES);
  // File systems round differently, and other systems have other native packages. Beyond that: npm run sizes -- --write.
  for (const key of ['packages', 'megabytes'] as const)
    expect(Math.abs(weight[key] / run[key] - 1), `${key}: ${weight[key]}, said ${run[key]}`).toBeLessThan(0.05);
});

it('adds less than 0.5 s when nothing changed, and builds nothing', async () => {
  const before = statSync(COMMAND).mtimeMs;
  const times: number[] = [];
  for (let repeat = 0; repeat < 5; repeat++) {
    const through = await verb('start', '--help').finished;
    const direct = await runProgram(process.execPath, [COMMAND, 'start', '--help'], { cwd: clone });
    expect([through.code, through.stderr, through.stdout]).toEqual([0, '', direct.stdout]);
    times.push(through.milliseconds - direct.milliseconds);
  }
  // The least disturbed of five: the machine may be busy with other tests.
  expect(Math.min(...times)).toBeLessThan(500);
  expect(statSync(COMMAND).mtimeMs).toBe(before);
});

it('builds again when a source changed, and says what does not build', async () => {
  const source = join(clone, 'server', 'node', 'exit-codes.ts');
  const now = new Date();
  utimesSync(source, now, now);
  const again = await verb('start', '--help').finished;
  expect(again.stderr).toMatch(/Building dist\/ \.\.\. done in/);
  writeFileSync(source, 'export const = 1;');
  const broken = await verb('start', '--help').finished;
  expect(broken.code).toBe(1);
  expect(broken.stderr).toMatch(/could not be bundled[\s\S]*server\/node\/exit-codes\.ts:1/);
  expect(broken.stderr).not.toContain('    at ');
});

it('refuses what is not a verb', async () => {
  const run = await verb('frobnicate').finished;
  expect([run.code, run.stderr]).toEqual([
    2,
    '"frobnicate" is not a verb; there are start, test, check, build, pack, bench, bench:browser, reference, sizes, fuzz.\n',
  ]);
});
