/** Calls with ids over something that takes and brings messages: a worker, or a port to the engine page. */
import type { Reply } from './messages.js';

export type Conversation<Question> = {
  /** Replies up to `end`, which is always the last. Left in the middle, the call is cancelled. */
  ask(question: Question, signal: AbortSignal): AsyncGenerator<Reply>;
  hear(reply: Reply): void;
  /** Ids of calls that wait for their end. */
  open(): number[];
};

export function createConversation<Question extends object>(
  post: (message: (Question & { readonly id: number }) | { readonly type: 'cancel'; readonly id: number }) => void,
): Conversation<Question> {
  const hearers = new Map<number, (reply: Reply) => void>();
  let next = 0;
  return {
    async *ask(question, signal) {
      const id = next++;
      const waiting: Reply[] = [];
      let wake = () => {};
      hearers.set(id, (reply) => {
        waiting.push(reply);
        wake();
      });
      const cancel = () => post({ type: 'cancel', id });
      signal.addEventListener('abort', cancel, { once: true });
      post({ ...question, id });
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
        if (!ended) cancel();
        hearers.delete(id);
        signal.removeEventListener('abort', cancel);
      }
    },
    hear: (reply) => hearers.get(reply.id)?.(reply),
    open: () => [...hearers.keys()],
  };
}
