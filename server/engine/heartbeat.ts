/**
 * Whether the engine's process is alive. ONNX Runtime blocks its thread for as long as a model call takes, so the beats come from a
 * thread of their own, over a pipe of their own: they stop only when the whole process does.
 */
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';

/** File descriptor of the pipe in the engine's process; 0 to 3 are standard streams and the line for messages. */
const PIPE = 4;
/** Milliseconds */
const BEAT = 1000;

/** Beats that may be missing: a machine that swaps stands still for seconds. The first may take as long as a cold disk. */
export const SILENCE = { running: 10, starting: 45 } as const;

/**
 * The engine's side. When the companion is gone the pipe breaks, and the process ends even if a driver hangs and its own thread
 * hears nothing any more; a moment later than that thread would end it in good order.
 */
const BEATING = `
const { writeSync } = require('node:fs');
let failed = 0;
setInterval(() => {
  try {
    writeSync(${PIPE}, '.');
  } catch (error) {
    if (error.code !== 'EAGAIN' && ++failed > 3) process.kill(process.pid, 'SIGKILL');
  }
}, ${BEAT});
try { writeSync(${PIPE}, '.'); } catch {}
`;

export function startBeating(): void {
  const thread = new Worker(BEATING, {
    eval: true,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  });
  thread.on('error', () => {}); // The companion notices.
  thread.unref();
}

/**
 * The companion's side. Counts its own ticks, not the time: a companion that was stopped, or a lid that was closed, is not the
 * engine's fault.
 *
 * @param beats of one process
 * @param onSilence told once, with seconds
 * @returns ends the watch
 */
export function watchBeats(
  beats: Readable,
  onSilence: (seconds: number) => void,
  limits: { readonly running: number; readonly starting: number } = SILENCE,
): () => void {
  let missing = 0;
  let limit = limits.starting;
  const timer = setInterval(() => {
    missing += 1;
    if (missing <= limit) return;
    clearInterval(timer);
    onSilence((limit * BEAT) / 1000);
  }, BEAT).unref();
  beats.on('data', () => {
    missing = 0;
    limit = limits.running;
  });
  beats.on('error', () => {}); // The end of the process is told by its exit.
  return () => clearInterval(timer);
}
