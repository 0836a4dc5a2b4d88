/** PyTorch beside us (models/train/twostep_train/bench.py): another process that draws one picture whenever it is told to. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as z from 'zod';

const Greeting = z.object({ torch: z.string(), threads: z.number() });
const Drawn = z.object({ milliseconds: z.number(), processor: z.number(), codes: z.array(z.number().int()) });

export type RivalPrecision = 'float32' | 'bfloat16';
export type Drawing = z.infer<typeof Drawn>;

export type Rival = {
  /** Version and threads, in words. */
  readonly name: string;
  draw(precision: RivalPrecision): Promise<Drawing>;
  readonly pid: number | undefined;
  close(): Promise<void>;
};

/**
 * @param python an interpreter that has torch
 * @param script bench.py
 * @throws Error with the last words of the process when it does not start or dies
 */
export async function startRival(
  python: string,
  script: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<Rival> {
  // Waiting threads sleep, as ours do: where others use the cores, those that spin make a rival ten times slower.
  const env = { ...process.env, OMP_WAIT_POLICY: 'PASSIVE' };
  const child = spawn(python, [script, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'pipe'], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(-1000);
  });
  // A process that is gone is noticed where its answer is read.
  child.stdin.on('error', () => {});
  const failed = new Promise<never>((_, reject) => {
    child.on('error', (cause) => reject(new Error(`"${python}" could not be started: ${cause.message}`, { cause })));
  });
  failed.catch(() => undefined);
  const read = async (): Promise<unknown> => {
    const { value, done } = await Promise.race([lines.next(), failed]);
    if (done) throw new Error(`PyTorch's process ended: ${complaint.trim().split('\n').at(-1) ?? 'without a word'}`);
    return JSON.parse(value);
  };
  const { torch, threads } = Greeting.parse(await read());
  return {
    name: `PyTorch ${torch}, ${threads} threads`,
    pid: child.pid,
    async draw(precision) {
      child.stdin.write(`${JSON.stringify({ precision })}\n`);
      return Drawn.parse(await read());
    },
    close: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await over;
}
