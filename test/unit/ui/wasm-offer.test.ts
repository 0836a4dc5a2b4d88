import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Pack } from '../../../models/pack.js';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { createHost } from '../../../ui/engine-page/host.js';
import type { FromWorker } from '../../../ui/engine-page/messages.js';
import type { ToWorker } from '../../../ui/engines/wasm/messages.js';
import { startLink } from '../../../ui/engines/wasm/offer.js';

const REQUEST: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'hills',
  pack: 'starter',
  seeds: [5, 6, 7],
  schedule: { kind: 'student', steps: 1 },
  sampling: null,
  size: { width: 64, height: 64 },
  draft: false,
};

/** A worker that draws as many pictures as it is told before it falls silent. */
class FakeWorker extends EventTarget {
  readonly asked: (readonly number[])[] = [];
  ended = false;

  constructor(readonly pictures: number) {
    super();
  }

  postMessage(message: ToWorker): void {
    if (message.type === 'open') {
      this.say({ type: 'alive' });
      this.say({ type: 'booted', device: '' });
    }
    if (message.type !== 'draw') return;
    const { id, request } = message;
    this.asked.push(request.seeds);
    request.seeds.forEach((seed, index) => {
      if (index < this.pictures)
        this.say({
          type: 'event',
          id,
          event: { type: 'picture', index, seed, bytes: Uint8Array.of(seed), width: 64, height: 64 },
        });
    });
    if (this.pictures < request.seeds.length) return;
    this.say({ type: 'event', id, event: { type: 'done', milliseconds: {} } });
    this.say({ type: 'end', id, failure: null });
  }

  say(data: FromWorker): void {
    queueMicrotask(() => this.dispatchEvent(new MessageEvent('message', { data })));
  }

  terminate(): void {
    this.ended = true;
  }
}

/** An engine whose workers draw so many pictures each. */
function engineOf(...pictures: number[]) {
  const workers: FakeWorker[] = [];
  const start = () => {
    const worker = new FakeWorker(pictures[workers.length] ?? 0);
    workers.push(worker);
    return worker as unknown as Worker;
  };
  const host = createHost(['wasm'], () => startLink({ pack: {} as Pack, part: () => '' }, start));
  return { host, workers };
}

async function draw({ host }: ReturnType<typeof engineOf>) {
  const said: string[] = [];
  for await (const event of host.engine(REQUEST, new AbortController().signal))
    said.push(event.type === 'picture' ? `${event.index}: ${event.seed}` : event.type);
  return said;
}

describe('a worker of the panel', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('that falls silent in the middle is replaced, and the next one draws what is missing', async () => {
    const engine = engineOf(1, 9);
    const drawing = draw(engine);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(await drawing).toEqual(['0: 5', '1: 6', '2: 7', 'done']);
    expect(engine.workers.map(({ asked, ended }) => [asked, ended])).toEqual([
      [[[5, 6, 7]], true],
      [[[6, 7]], false],
    ]);
  });

  it('that falls silent twice is told as a failure, with what came before', async () => {
    const engine = engineOf(1, 1, 1);
    const drawing = draw(engine);
    await vi.advanceTimersByTimeAsync(200_000);
    expect(await drawing).toEqual(['0: 5', '1: 6', 'error']);
    expect(engine.workers).toHaveLength(2);
  });

  it('that has nothing to do may be silent as long as it likes', async () => {
    const engine = engineOf(9);
    expect(await draw(engine)).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(await draw(engine)).toHaveLength(4);
    expect(engine.workers).toHaveLength(1);
  });
});
