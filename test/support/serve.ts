/** The companion as a process of its own, from dist/, with packs, data and caches in folders of the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { inRoot } from '../../scripts/paths.mjs';

export const COMMAND = inRoot('dist', 'twostep.js');

export type Served = {
  readonly pid: number;
  readonly url: string;
  /** Milliseconds until it said that it is ready. */
  readonly startedIn: number;
  output(): string;
  /** @returns the exit code, null when the signal ended it */
  end(signal: NodeJS.Signals): Promise<number | null>;
};

export async function startServing(
  environment: Readonly<Record<string, string>>,
  port: number,
  /** Said on the terminal when it is far enough. */
  until = 'is ready',
): Promise<Served> {
  const began = performance.now();
  const child: ChildProcess = spawn(process.execPath, [COMMAND, 'serve', '--port', String(port), '--provider', 'cpu'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes(until)) resolve();
      });
    void ended.then((code) => reject(new Error(`it ended with ${code} before "${until}":\n${output}`)));
  });
  return {
    pid: child.pid as number,
    url: `http://127.0.0.1:${port}`,
    startedIn: performance.now() - began,
    output: () => output,
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/** A port that nobody has at the moment. */
export function findPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
