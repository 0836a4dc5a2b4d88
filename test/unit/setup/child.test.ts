import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { exitCodeOf, runChild } from '../../../scripts/child.mjs';

const node = (script: string, options: Parameters<typeof runChild>[2] = {}) =>
  runChild(process.execPath, ['-e', script], { capture: true, ...options });

it('passes on exit code, output and environment', async () => {
  const result = await node('console.log(process.env.WORD); console.error("two"); process.exit(7)', {
    env: { WORD: 'one' },
  });
  expect(result).toEqual({ code: 7, signal: null, output: expect.stringMatching(/one[\s\S]*two|two[\s\S]*one/) });
});

it('passes on a signal and waits for what the child makes of it', async () => {
  const script =
    "process.on('SIGTERM', () => setTimeout(() => process.exit(3), 50)); console.log('up'); setInterval(() => {}, 1000)";
  const running = node(script, { onStart: () => {} });
  await delay(500);
  process.emit('SIGTERM', 'SIGTERM');
  expect(await running).toEqual({ code: 3, signal: 'SIGTERM', output: 'up\n' });
  expect(process.listenerCount('SIGTERM')).toBe(0);
});

it('reports a child that a signal ended as shells do', async () => {
  expect(await node("process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000)")).toMatchObject({
    code: exitCodeOf('SIGKILL'),
    signal: 'SIGKILL',
  });
  expect(exitCodeOf('SIGINT')).toBe(130);
});

it('throws when the program is not there', async () => {
  await expect(runChild('no-such-program-at-all', [])).rejects.toThrow(/ENOENT/);
});
