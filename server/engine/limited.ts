/** An engine whose process is ended where a pack takes more of this machine than it may (run-limits.ts). */
import type { Engine } from '../../models/protocol.js';
import { type Exceeded, type RunLimits, type RunWatch, watchRun } from './run-limits.js';

export type LimitedProcess = {
  limitsOf(pack: string): Promise<RunLimits>;
  /** Bytes that the process has in memory; undefined where that can't be told. */
  memory(): number | undefined;
  /** Ends the process. Its engine is told before that nobody waits for the request any more, and so does not begin it again. */
  kill(): void;
};

export function limitRuns(engine: Engine, { limitsOf, memory, kill }: LimitedProcess): Engine {
  const watches = new Set<RunWatch>();
  return async function* (request, signal) {
    const limits = await limitsOf(request.pack);
    const inner = new AbortController();
    let exceeded: Exceeded | undefined;
    const watch = watchRun(limits, memory, (how) => {
      exceeded = how;
      inner.abort();
      kill();
    });
    const cancelled = () => {
      watch.cancelled();
      inner.abort();
    };
    watches.add(watch);
    signal.addEventListener('abort', cancelled, { once: true });
    if (signal.aborted) cancelled();
    try {
      for await (const event of engine(request, inner.signal)) {
        // The process draws one after the other: while one gets on, the others wait.
        for (const one of watches) one.heard();
        if (!exceeded) yield event;
      }
      if (exceeded) yield { type: 'error', ...exceeded };
    } finally {
      signal.removeEventListener('abort', cancelled);
      watch.stop();
      watches.delete(watch);
    }
  };
}
