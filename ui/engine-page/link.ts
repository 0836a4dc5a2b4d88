/** One worker, from its start to its end. */
import type { Failure, FromWorker, Reply, Rung, ToWorker } from './messages.js';

/** What a caller asks; ids are the link's business. `call` is any call without its id. */
export type Question = ToWorker extends infer One
  ? One extends { readonly id: number; readonly type: Exclude<ToWorker['type'], 'cancel'> }
    ? Omit<One, 'id'>
    : never
  : never;

export type Link = {
  /** The device's name. Rejects when this rung can't be trusted here. */
  readonly opened: Promise<string>;
  /** Resolves with the reason when the worker is no more. */
  readonly gone: Promise<string>;
  /** Replies up to `end`, which is always the last; `engine-failed` when the worker ends before. */
  ask(question: Question, signal: AbortSignal): AsyncGenerator<Reply>;
  end(): void;
};

export type StartLink = (rung: Rung) => Link;

export function startLink(script: string, rung: Rung): Link {
  const worker = new Worker(script);
  const lock = `twostep-worker-${crypto.randomUUID()}`;
  const hearers = new Map<number, (reply: Reply) => void>();
  let next = 0;
  let left: string | null = null;
  const opened = Promise.withResolvers<string>();
  const gone = Promise.withResolvers<string>();
  // Who waits for it hears it; nobody has to.
  opened.promise.catch(() => undefined);

  const leave = (why: string) => {
    if (left !== null) return;
    left = why;
    worker.terminate();
    opened.reject(new Error(why));
    gone.resolve(why);
    const failure: Failure = { code: 'engine-failed', message: why };
    for (const [id, hear] of hearers) hear({ type: 'end', id, failure });
  };

  worker.addEventListener('error', (event) =>
    leave(`The engine's worker broke down: ${event.message || 'no reason was given'}.`),
  );
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    switch (data.type) {
      case 'alive':
        // A worker that the browser kills, for want of memory say, tells nobody. Its lock becomes free.
        void navigator.locks.request(lock, () => leave('The engine’s worker was ended by the browser.'));
        break;
      case 'booted':
        opened.resolve(data.device);
        break;
      case 'unfit':
      case 'lost':
        leave(data.message);
        break;
      default:
        hearers.get(data.id)?.(data);
    }
  });
  worker.postMessage({ type: 'boot', rung, lock } satisfies ToWorker);

  return {
    opened: opened.promise,
    gone: gone.promise,
    async *ask(question, signal) {
      const id = next++;
      if (left !== null) return yield { type: 'end', id, failure: { code: 'engine-failed', message: left } };
      const waiting: Reply[] = [];
      let wake = () => {};
      hearers.set(id, (reply) => {
        waiting.push(reply);
        wake();
      });
      const cancel = () => worker.postMessage({ type: 'cancel', id } satisfies ToWorker);
      signal.addEventListener('abort', cancel, { once: true });
      worker.postMessage({ ...question, id } satisfies ToWorker);
      if (signal.aborted) cancel();
      let ended = false;
      try {
        while (!ended) {
          const reply = waiting.shift();
          if (!reply) await new Promise<void>((resolve) => (wake = resolve));
          else {
            ended = reply.type === 'end';
            yield reply;
          }
        }
      } finally {
        // Left in the middle: nobody wants the rest.
        if (!ended) cancel();
        hearers.delete(id);
        signal.removeEventListener('abort', cancel);
      }
    },
    end: () => leave('It was put away.'),
  };
}
