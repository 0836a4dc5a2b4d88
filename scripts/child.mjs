/** Child processes: exit codes and signals are passed on, so that the caller can't tell that we stood between. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** A failure that is told to the person as it is, without a stack. */
export class SetupError extends Error {
  /** @param {string} message @param {number} [exitCode] */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Signals that ask a program to end. */
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** @param {NodeJS.Signals} signal @returns {number} what a shell reports of a program that a signal ended */
export const exitCodeOf = (signal) => 128 + (constants.signals[signal] ?? 0);

/**
 * Runs a program to its end.
 *
 * Ctrl-C in a terminal reaches the whole foreground group, the child included; sent a second time it would count as
 * "now at once" in many programs. So SIGINT is passed on only when no terminal is there to do it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, cwd?: string, capture?: boolean, shell?: boolean, patience?: number, onStart?: (pid: number) => void }} [options]
 *   capture: collect stdout and stderr instead of showing them; patience: milliseconds after which a child that ignores a signal is killed
 * @returns {Promise<{ code: number, signal: NodeJS.Signals | null, output: string }>} signal: the one that we were sent, or that ended the child
 */
export function runChild(command, args, { env = {}, cwd, capture = false, shell = false, patience, onStart } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      env: { ...process.env, ...env },
      cwd,
      shell,
    });
    if (child.pid !== undefined) onStart?.(child.pid);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text) => (output += text));
    /** @type {NodeJS.Signals | null} */
    let received = null;
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => {
      received = signal;
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
      if (patience !== undefined) setTimeout(() => child.kill('SIGKILL'), patience).unref();
    };
    for (const signal of SIGNALS) process.on(signal, forward);
    const release = () => {
      for (const signal of SIGNALS) process.off(signal, forward);
    };
    child.on('error', (error) => {
      release();
      reject(error);
    });
    child.on('close', (code, signal) => {
      release();
      resolve({ code: signal ? exitCodeOf(signal) : (code ?? 1), signal: received ?? signal, output });
    });
  });
}
