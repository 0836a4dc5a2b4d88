/**
 * Memory of a process that loads a large pack.
 *
 * While ONNX Runtime loads, every weight is in memory once more, and goes. glibc learns from the first of them to keep blocks of up to 32 MB
 * for itself, which then lie between those that stay: 0.83 GB were left for 0.47 GB of weights, 0.61 with this (models/RUNTIME.md).
 * glibc reads it when a process starts, so that a process can't set it for itself.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** For the environment of a process that will load packs. Bytes. */
export const GIVES_BLOCKS_BACK = { MALLOC_MMAP_THRESHOLD_: '1048576' } as const;

/** Bytes of a pack below which nothing is gained: the starter pack (13 MB) takes 187 to 193 MB without and 190 to 195 MB with it. */
const LARGE_PACK = 256_000_000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @param files of a pack @returns whether a process that loads it had better been started with GIVES_BLOCKS_BACK */
export function wantsRestart(files: readonly { readonly size: number }[], host = process): boolean {
  const isSaid = Object.keys(GIVES_BLOCKS_BACK).every((name) => host.env[name] !== undefined);
  return host.platform === 'linux' && !isSaid && files.reduce((sum, { size }) => sum + size, 0) > LARGE_PACK;
}

/** The same command line in a process that gives blocks back; it has our streams and hears our signals. @returns its exit code */
export function restart(): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, ...GIVES_BLOCKS_BACK },
  });
  // Ctrl-C in a terminal reaches both of us; a second one would mean "at once" to it.
  const forward = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? 1)));
  });
}
