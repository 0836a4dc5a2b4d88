import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectWorker } from '../../../ui/engine-page/link.js';
import type { Reply } from '../../../ui/engine-page/messages.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A worker in the middle of a graph: it hears nothing. `answer` is what it says in the end. */
function busyWorker() {
  const worker = Object.assign(new EventTarget(), { postMessage: vi.fn(), terminate: vi.fn() });
  const answer = (data: object) => worker.dispatchEvent(Object.assign(new Event('message'), { data }));
  return { worker: worker as unknown as Worker, terminate: worker.terminate, answer };
}

async function ask(worker: Worker, signal: AbortSignal): Promise<Reply[]> {
  const replies: Reply[] = [];
  for await (const reply of connectWorker(worker, () => {}).ask({ type: 'find' }, signal)) replies.push(reply);
  return replies;
}

describe('D7: a worker of a browser that is cancelled', () => {
  it('and does not end by itself is terminated', async () => {
    const { worker, terminate } = busyWorker();
    const stop = new AbortController();
    const replies = ask(worker, stop.signal);
    stop.abort();
    await vi.advanceTimersByTimeAsync(9_000);
    expect(terminate).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(terminate).toHaveBeenCalledTimes(1);
    expect(await replies).toMatchObject([
      { type: 'end', failure: { message: 'It was cancelled and did not stop by itself.' } },
    ]);
  });

  it('and ends in time goes on living', async () => {
    const { worker, terminate, answer } = busyWorker();
    const stop = new AbortController();
    const replies = ask(worker, stop.signal);
    stop.abort();
    await vi.advanceTimersByTimeAsync(1_000);
    answer({ type: 'end', id: 0, failure: null });
    expect(await replies).toEqual([{ type: 'end', id: 0, failure: null }]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(terminate).not.toHaveBeenCalled();
  });
});
