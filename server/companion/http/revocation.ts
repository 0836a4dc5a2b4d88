/** What is under way for a token ends when the token is revoked, here or by `twostep token revoke` in another process. */
import type { Companion } from './companion.js';
import type { ServerEvent } from './event-stream.js';

/** Milliseconds between two looks while nothing is sent. */
const LOOK_EVERY = 250;

export type Leave = {
  /** Aborted when the client goes away or the token is revoked. */
  readonly signal: AbortSignal;
  readonly revoked: () => boolean;
  end(): void;
};

/** @param gone aborted when the client goes away */
export function leaveOf({ tokens, jobs }: Companion, owner: string, gone: AbortSignal): Leave {
  const stop = new AbortController();
  const revoked = () => {
    if (!stop.signal.aborted && !tokens.has(owner)) {
      stop.abort();
      jobs.dismiss(owner);
    }
    return stop.signal.aborted;
  };
  const timer = setInterval(revoked, LOOK_EVERY).unref();
  return { signal: AbortSignal.any([gone, stop.signal]), revoked, end: () => clearInterval(timer) };
}

/** The same events, for as long as the owner's token is there. */
export function untilRevoked(
  companion: Companion,
  owner: string,
  open: (gone: AbortSignal) => AsyncGenerator<ServerEvent>,
): (gone: AbortSignal) => AsyncGenerator<ServerEvent> {
  return async function* (gone) {
    const leave = leaveOf(companion, owner, gone);
    try {
      for await (const event of open(leave.signal)) {
        if (leave.revoked()) return;
        yield event;
      }
    } finally {
      leave.end();
    }
  };
}
