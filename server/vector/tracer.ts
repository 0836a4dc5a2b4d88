/** The main thread's side of tracing: one picture after the other, in a thread that is started when one is wanted. */
import { Worker } from 'node:worker_threads';
import { GenerateError } from '../../models/protocol.js';
import type { FromTracer, ToTracer } from './messages.js';
import type { Trace } from './trace.js';

/** The worst picture that was found takes a few seconds on a slow machine; who takes this long will not end. Milliseconds. */
const LONGEST = 60_000;

export type Tracer = { readonly trace: Trace; close(): Promise<void> };

/** @param script the bundled worker */
export function createTracer(script: URL): Tracer {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let count = 0;

  function start(): Worker {
    const started = new Worker(script, { name: 'twostep-vector' });
    // It keeps nobody from ending.
    started.unref();
    started.on('exit', () => {
      if (worker === started) worker = undefined;
    });
    return started;
  }

  const one: Trace = (png) => {
    worker ??= start();
    const thread = worker;
    const id = count++;
    return new Promise((resolve, reject) => {
      const end = (error: Error | null) => {
        clearTimeout(timer);
        thread.off('message', hear);
        thread.off('error', fail);
        thread.off('exit', gone);
        if (error) reject(error);
      };
      const hear = (message: FromTracer) => {
        if (message.id !== id) return;
        end(null);
        if ('traced' in message) resolve(message.traced);
        else reject(new GenerateError('engine-failed', `The picture could not be traced: ${message.fault}.`));
      };
      const fail = (error: Error) => end(new GenerateError('engine-failed', `Tracing broke down: ${error.message}.`));
      const gone = () => end(new GenerateError('engine-failed', 'The thread that traces ended.'));
      const timer = setTimeout(() => {
        end(new GenerateError('engine-failed', `Tracing took more than ${LONGEST / 1000} seconds and was stopped.`));
        void thread.terminate();
      }, LONGEST);
      thread.on('message', hear);
      thread.on('error', fail);
      thread.on('exit', gone);
      thread.postMessage({ id, png } satisfies ToTracer);
    });
  };

  return {
    trace(png) {
      const done = last.then(() => one(png));
      last = done.catch(() => undefined);
      return done;
    },
    async close() {
      await worker?.terminate();
    },
  };
}
