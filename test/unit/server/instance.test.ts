/** D4: one companion for each data folder, whatever notes say and whoever was stopped or killed. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { CACHE, inRoot } from '../../../scripts/paths.mjs';
import { takeInstance } from '../../../server/companion/instance.js';

let script = '';
beforeAll(async () => {
  mkdirSync(CACHE, { recursive: true });
  script = join(mkdtempSync(join(CACHE, 'instance-')), 'holder.mjs');
  // Takes the folder, answers as a companion does, and stays.
  const contents = `
    import { createServer } from 'node:http';
    import { takeInstance } from ${JSON.stringify(inRoot('server', 'companion', 'instance.ts'))};
    const taken = await takeInstance(process.argv[2], 20_000);
    if ('release' in taken) {
      const health = { name: 'twostep', version: '1', api: 1, state: 'ready' };
      const server = createServer((_, answer) => answer.end(JSON.stringify(health)));
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      await taken.announce(server.address().port);
      process.send('has it');
    } else process.send('runningAt' in taken ? 'runs already' : 'is silent', () => process.exit());
  `;
  await build({
    stdin: { contents, resolveDir: inRoot('server'), loader: 'ts' },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
});

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(folder: string): { child: ChildProcess; outcome: Promise<string> } {
  const child = fork(script, [folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.push(child);
  const outcome = new Promise<string>((resolve) => {
    child.on('message', (message) => resolve(String(message)));
    child.on('exit', (code) => resolve(`ended with ${code}`));
  });
  return { child, outcome };
}
const kill = (child: ChildProcess) =>
  new Promise((resolve) => {
    child.on('exit', resolve);
    child.kill('SIGKILL');
  });
const freshFolder = () => mkdtempSync(join(tmpdir(), 'twostep-instance-'));

it('D4: of four starts at once on a stale note exactly one has the folder', async () => {
  const folder = freshFolder();
  // A process that is alive, and a port on which nobody of ours is.
  writeFileSync(join(folder, 'running.json'), JSON.stringify({ process: process.pid, port: 1 }));
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => start(folder).outcome));
  expect(outcomes.sort()).toEqual(['has it', 'runs already', 'runs already', 'runs already']);
}, 60_000);

it('D4: one that was stopped keeps the folder; one that was killed does not', async () => {
  const folder = freshFolder();
  const first = start(folder);
  expect(await first.outcome).toBe('has it');
  first.child.kill('SIGSTOP');
  expect(await takeInstance(folder, 500)).toEqual({ silent: first.child.pid });
  first.child.kill('SIGCONT');
  expect(await takeInstance(folder, 10_000)).toHaveProperty('runningAt');
  await kill(first.child);
  const second = await takeInstance(folder, 10_000);
  expect(second).toHaveProperty('release');
  if ('release' in second) await second.release();
}, 60_000);

it('D4: the folder counts, not its name', async () => {
  const folder = freshFolder();
  const link = join(freshFolder(), 'link');
  symlinkSync(folder, link);
  const first = await takeInstance(folder);
  expect(await takeInstance(link, 300)).toEqual({ silent: null });
  expect(await takeInstance(freshFolder(), 300)).toHaveProperty('release');
  if ('release' in first) await first.release();
  expect(await takeInstance(link, 300)).toHaveProperty('release');
});
