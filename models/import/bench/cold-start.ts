/** A new process that draws one picture: when it is ready, when the picture is there, and what it takes. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { peakBytes } from './memory.js';

export type ColdStart =
  /** Milliseconds from the start of the process; `peak` in bytes, 0 where the system does not tell. */
  | { readonly type: 'drawn'; readonly ready: number; readonly picture: number; readonly peak: number }
  | { readonly type: 'failed'; readonly reason: string };

const Line = z.looseObject({ type: z.string(), phase: z.string().optional(), message: z.string().optional() });

const LOOK_MILLISECONDS = 20;

/** @param command the program and its first arguments */
export async function coldStart(
  command: readonly string[],
  pack: string,
  prompt: string,
  signal: AbortSignal,
): Promise<ColdStart> {
  const [program = process.execPath, ...first] = command;
  // Every byte is read once, so that the files are in the disk cache and their hashes remembered.
  await run([program, ...first, 'pack', 'verify', pack], signal);
  const out = await mkdtemp(join(tmpdir(), 'twostep-bench-'));
  const start = performance.now();
  const args = [...first, '--json', 'generate', prompt, '--pack', pack, '--seed', '1', '--out', out];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], signal });
  child.on('error', () => {});
  let peak = 0;
  const watching = setInterval(() => {
    peak = Math.max(peak, child.pid === undefined ? 0 : peakBytes(child.pid));
  }, LOOK_MILLISECONDS);
  let ready: number | undefined;
  let reason = `the process ended, ${(freemem() / 1e9).toFixed(0)} GB of memory were free`;
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      const line = Line.parse(JSON.parse(text));
      const passed = performance.now() - start;
      if (line.type === 'progress' && line.phase === 'step') ready ??= passed;
      if (line.type === 'picture') return { type: 'drawn', ready: ready ?? passed, picture: passed, peak };
      if (line.type === 'error') reason = line.message ?? reason;
    }
    return { type: 'failed', reason };
  } finally {
    clearInterval(watching);
    await ended(child);
    await rm(out, { recursive: true, force: true });
  }
}

async function run([program = '', ...args]: readonly string[], signal: AbortSignal): Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore', signal });
  child.on('error', () => {});
  await ended(child);
}

async function ended(child: ReturnType<typeof spawn>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
    await new Promise((resolve) => child.once('close', resolve));
}
