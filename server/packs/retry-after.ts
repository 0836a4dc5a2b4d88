/** Servers that had too many requests say when to come again (RFC 9110, 10.2.3). */

/** Longest that it is heeded. */
const LONGEST_WAIT = 10 * 60_000;
/** Where a server says that it is too much, and not until when. */
const USUAL_WAIT = 2000;

/** Milliseconds that a server wants to be left alone; null where it does not say so. */
export function waitOf(status: number, retryAfter: string | undefined): number | null {
  if (status !== 429 && status !== 503) return null;
  const seconds = Number(retryAfter);
  const date = retryAfter === undefined ? Number.NaN : Date.parse(retryAfter);
  const wanted = Number.isFinite(seconds) && retryAfter !== undefined ? seconds * 1000 : date - Date.now();
  return Math.min(Math.max(Number.isFinite(wanted) ? wanted : USUAL_WAIT, 0), LONGEST_WAIT);
}

/** @throws the signal's reason, without the rest of the wait */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  signal.throwIfAborted();
}
