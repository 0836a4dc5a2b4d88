/** Gateways from dist/ and workers with an engine of a fixed time, as processes that a test may end at any moment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { CACHE, inRoot } from '../../scripts/paths.mjs';
import { COMMAND, findPort } from './serve.js';

export type QueueProcess = {
  readonly url: string;
  /** Resolves when it is ready. */
  start(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
  readonly isUp: boolean;
};

let bundled: Promise<string> | undefined;
/** Inside node_modules, so that it finds its packages. */
const bundleFakeWorker = (): Promise<string> => {
  bundled ??= (async () => {
    const outfile = join(mkdtempSync(join(CACHE, 'test-worker-')), 'queue-worker.mjs');
    const entryPoints = [inRoot('test', 'support', 'queue-worker.ts')];
    await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' });
    return outfile;
  })();
  return bundled;
};

export async function createGateway(queue: string): Promise<QueueProcess> {
  const port = await findPort();
  const data = mkdtempSync(join(tmpdir(), 'twostep-gateway-'));
  const args = [COMMAND, 'serve', '--queue', queue, '--port', String(port), '--no-browser'];
  // Where a worker is not there yet it says that it can not draw yet.
  return createProcess(args, /is ready|can not draw yet/, `http://127.0.0.1:${port}`, { TWOSTEP_DATA: data });
}

export async function createFakeWorker(queue: string, milliseconds: number): Promise<QueueProcess> {
  return createProcess([await bundleFakeWorker(), queue, String(milliseconds)], /is ready/, '');
}

function createProcess(
  args: readonly string[],
  ready: RegExp,
  url: string,
  environment: Readonly<Record<string, string>> = {},
): QueueProcess {
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();
  let isUp = false;
  return {
    url,
    get isUp() {
      return isUp;
    },
    start() {
      const running = spawn(process.execPath, args, {
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = running;
      let output = '';
      ended = new Promise((resolve) =>
        running.on('close', () => {
          if (child === running) isUp = false;
          resolve();
        }),
      );
      return new Promise((resolve, reject) => {
        for (const stream of [running.stdout, running.stderr])
          stream?.setEncoding('utf8').on('data', (text: string) => {
            output = (output + text).slice(-10_000);
            if (!ready.test(output)) return;
            isUp = true;
            resolve();
          });
        void ended.then(() => reject(new Error(`it ended before it was ready:\n${output}`)));
      });
    },
    signal: (signal) => void child?.kill(signal),
    async kill() {
      isUp = false;
      child?.kill('SIGKILL');
      await ended;
    },
  };
}
