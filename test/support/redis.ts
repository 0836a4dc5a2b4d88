/**
 * A Redis or Valkey server of the test's own, on a free port and in a folder that goes with it. What it accepted is on disk before it
 * answers, as ours is to be run. Without such a program the tests that need it skip themselves and say so.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPort } from './serve.js';

/** Those that are installed. */
export const REDIS_SERVERS = ['redis-server', 'valkey-server'].filter(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
);

export type RedisServer = {
  readonly url: string;
  /** As a power cut would; what was answered stays. */
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};

/** @param fsync when what it accepted is on disk: before it answers, or within a second */
export async function startRedis(
  program = REDIS_SERVERS[0] ?? 'redis-server',
  fsync: 'always' | 'everysec' = 'always',
): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'twostep-redis-'));
  const port = await findPort();
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();

  async function start(): Promise<void> {
    const settings = { port, bind: '127.0.0.1', dir: folder, appendonly: 'yes', appendfsync: fsync, save: '' };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const running = spawn(program, args, { stdio: 'ignore' });
    child = running;
    ended = new Promise((resolve) => running.on('close', () => resolve()));
    for (const until = Date.now() + 15_000; !(await answers(port)); ) {
      if (Date.now() > until) throw new Error(`${program} does not answer on port ${port}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const kill = async () => {
    child?.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether it has read what it kept, too. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.on('data', (data) => {
      resolve(data.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
    socket.setTimeout(1000, () => {
      resolve(false);
      socket.destroy();
    });
  });
}
