/** Copies of the working tree, as a fresh clone would have it: what git knows or would add, nothing that was built or installed. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../scripts/paths.mjs';

/** @param folder must not exist yet */
export function copyCheckout(folder: string): string {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  for (const path of listed.toString().split('\0')) {
    // A file that was deleted is listed until that is committed; the references are large and not needed.
    if (path === '' || /^(test\/reference|node_modules)(\/|$)/.test(path) || !existsSync(join(ROOT, path))) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path));
  }
  return folder;
}

export type Finished = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
};

/** A program that runs in a process group of its own, so that it can be killed with all that it started. */
export type Running = {
  readonly pid: number | undefined;
  readonly finished: Promise<Finished>;
  kill(signal: NodeJS.Signals): void;
};

export function startProgram(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string | undefined>> },
): Running {
  const began = performance.now();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return {
    pid: child.pid,
    finished: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) =>
        resolve({ code, signal, stdout, stderr, milliseconds: performance.now() - began }),
      );
    }),
    kill(signal) {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    },
  };
}

export const runProgram = (...parameters: Parameters<typeof startProgram>) => startProgram(...parameters).finished;
