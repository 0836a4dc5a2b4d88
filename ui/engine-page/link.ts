/** One worker, from its start to its end. */
import { createConversation } from './conversation.js';
import type { FromWorker, Provider, Reply, ToWorker } from './messages.js';

type Asked = Exclude<ToWorker, { readonly type: 'boot' | 'cancel' }>;
/** A call without its id, which is the link's business. */
export type Question = Asked extends infer One ? (One extends Asked ? Omit<One, 'id'> : never) : never;

export type Link = {
  /** The device's name. Rejects when this provider can't be trusted here. */
  readonly opened: Promise<string>;
  /** Replies up to `end`, which is always the last; `engine-failed` when the worker ends before. */
  ask(question: Question, signal: AbortSignal): AsyncGenerator<Reply>;
  end(): void;
};

export type StartLink = (provider: Provider) => Link;

/** Milliseconds in which a call has to end once it is cancelled; a pass of the largest model that browsers take needs less. */
const GRACE = 10_000;

/** A worker of the engine page's. */
export function startLink(script: string, provider: Provider): Link {
  const worker = new Worker(script);
  const lock = `twostep-worker-${crypto.randomUUID()}`;
  // A worker that the browser kills, for want of memory say, tells nobody. Its lock becomes free.
  const link = connectWorker(worker, (leave) => void navigator.locks.request(lock, leave));
  worker.postMessage({ type: 'boot', provider, lock } satisfies ToWorker);
  return link;
}

/** @param watch called when the worker says that it is alive; it shall call `leave` when that is over */
export function connectWorker(worker: Worker, watch: (leave: () => void) => void): Link {
  const { ask, hear, open } = createConversation<Question>((message) => worker.postMessage(message));
  let left: string | null = null;
  let settle: { resolve(device: string): void; reject(error: Error): void } | undefined;
  const opened = new Promise<string>((resolve, reject) => (settle = { resolve, reject }));
  // Who waits for it hears it; nobody has to.
  opened.catch(() => undefined);

  const leave = (why: string) => {
    if (left !== null) return;
    left = why;
    worker.terminate();
    settle?.reject(new Error(why));
    for (const id of open()) hear({ type: 'end', id, failure: { code: 'engine-failed', message: why } });
  };

  worker.addEventListener('error', (event) =>
    leave(`The engine's worker broke down: ${event.message || 'no reason was given'}.`),
  );
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    switch (data.type) {
      case 'alive':
        watch(() => leave('The engine’s worker was ended by the browser.'));
        break;
      case 'booted':
        settle?.resolve(data.device);
        break;
      case 'unfit':
      case 'lost':
        leave(data.message);
        break;
      default:
        hear(data);
    }
  });

  return {
    opened,
    async *ask(question, signal) {
      if (left === null) {
        // A graph of a stranger may never return, and until it does the worker hears nothing.
        let timer: ReturnType<typeof setTimeout> | undefined;
        const cancelled = () => {
          timer = setTimeout(() => leave('It was cancelled and did not stop by itself.'), GRACE);
        };
        signal.addEventListener('abort', cancelled, { once: true });
        try {
          yield* ask(question, signal);
        } finally {
          clearTimeout(timer);
          signal.removeEventListener('abort', cancelled);
        }
      } else yield { type: 'end', id: 0, failure: { code: 'engine-failed', message: left } };
    },
    end: () => leave('It was put away.'),
  };
}
