/**
 * Nothing leaves the machine: the companion as people start it, with look-ups and sockets watched from inside (node:dns, node:net,
 * node:dgram, in all its threads) and, where strace may be used, from outside, which sees ONNX Runtime's native code as well.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/paths.mjs';
import { makeClassPack } from '../support/random-packs.js';
import { COMMAND, findPort } from '../support/serve.js';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'twostep-private-'));
const inside = join(folder, 'inside.log');
const outside = join(folder, 'outside.log');
const hook = pathToFileURL(inRoot('test', 'support', 'watch-network.mjs')).href;
// The tests' own word to ONNX Runtime is taken away: the program has to say it itself.
const { ORT_DISABLE_TELEMETRY: _, ...inherited } = process.env;
const environment = {
  ...inherited,
  HOME: join(folder, 'home'),
  TWOSTEP_DATA: join(folder, 'data'),
  TWOSTEP_PACKS: join(folder, 'packs'),
  TWOSTEP_EMBEDDED_PACKS: join(folder, 'none'),
  TWOSTEP_CACHE: join(folder, 'cache'),
  CI: '1',
  NODE_OPTIONS: `--import=${hook}`,
};

/** A program of Node's, watched; the processes that it was are in `inside`. */
function watched(args: readonly string[], logs: { inside: string; outside: string }): ChildProcess {
  const strace = ['-f', '-qq', '-e', 'trace=connect,sendto,sendmsg,sendmmsg', '-o', logs.outside, process.execPath];
  const [command, ...rest] = traced ? ['strace', ...strace, ...args] : [process.execPath, ...args];
  return spawn(command as string, rest, {
    env: { ...environment, WATCH_NETWORK: logs.inside },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.on('close', resolve));
const linesOf = (path: string) => readFileSync(path, 'utf8').trim().split('\n').filter(Boolean);
/** Calls towards an address of the internet's kinds; those of a machine with itself are of no interest. */
const towards = (path: string) =>
  linesOf(path).filter((line) => /sin6?_addr|inet_addr|inet_pton/.test(line) && !/"(127\.[\d.]+|::1)"/.test(line));

let traced = false;
let port = 0;
let token = '';
beforeAll(async () => {
  traced = await run('strace', ['-f', '-qq', '-e', 'trace=connect', '-o', join(folder, 'try'), 'true']).then(
    () => true,
    () => false,
  );
  mkdirSync(environment.HOME, { recursive: true });
  cpSync(await makeClassPack(), join(environment.TWOSTEP_PACKS, 'tiny-classes'), { recursive: true });
  port = await findPort();
  const env = { ...environment, WATCH_NETWORK: join(folder, 'token.log') };
  token = (await run(process.execPath, [COMMAND, 'token', 'create', 'test'], { env })).stdout.trim();
});

let pid: number | undefined;
afterAll(() => {
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
});

describe('nothing leaves the machine', () => {
  it('and the watching would have seen it', async () => {
    const logs = { inside: join(folder, 'control-inside.log'), outside: join(folder, 'control-outside.log') };
    // 192.0.2.0/24 is for documentation: there is never anybody (RFC 5737).
    const code = `
      await fetch('http://localhost:59999/').catch(() => {});
      const { Socket } = await import('node:net');
      new Socket().on('error', () => {}).connect(9, '192.0.2.1').setTimeout(100, () => process.exit());
      setTimeout(() => process.exit(), 300);`;
    await ended(watched(['--input-type=module', '-e', code], logs));
    const seen = readFileSync(logs.inside, 'utf8');
    expect(seen).toMatch(/^dns lookup localhost$/m);
    expect(seen).toMatch(/^socket connect .*192\.0\.2\.1/m);
    if (traced) expect(towards(logs.outside).join('\n')).toMatch(/192\.0\.2\.1/);
  });

  it('from the start to the end of a companion that draws', async () => {
    const child = watched([COMMAND, 'serve', '--port', String(port), '--provider', 'cpu'], { inside, outside });
    const over = ended(child);
    await new Promise<void>((resolve, reject) => {
      let output = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('is ready')) resolve();
      });
      void over.then((code) => reject(new Error(`it ended with ${code}:\n${output}`)));
    });
    pid = Number(/^begin program (\d+)$/m.exec(readFileSync(inside, 'utf8'))?.[1]);

    const url = `http://127.0.0.1:${port}`;
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    for (const stream of [false, true]) {
      const body = JSON.stringify({ prompt: 'three', size: '32x32', stream });
      const answer = await fetch(`${url}/v1/images/generations`, { method: 'POST', headers, body });
      expect([answer.status, (await answer.text()).length > 100]).toEqual([200, true]);
    }
    for (const path of ['/', '/docs', '/health', '/metrics', '/v1/packs', '/v1/jobs'])
      expect((await fetch(url + path, { headers })).status, path).toBe(200);
    process.kill(pid, 'SIGINT');
    expect(await over).toBe(0);
    pid = undefined;

    const seen = linesOf(inside);
    // ONNX Runtime's process was watched too.
    expect(seen.filter((line) => line.startsWith('begin program')).length).toBeGreaterThan(1);
    // `listen` has its address read by `lookup`, which asks nobody when it is no name.
    const harmless = /^(begin (program|thread) \d+|dns lookup (127\.0\.0\.1|::1))$/;
    expect(seen.filter((line) => !harmless.test(line))).toEqual([]);
    if (traced) expect(towards(outside)).toEqual([]);
    else process.stdout.write('  strace can not be used here: native code was not watched\n');
  });
});
