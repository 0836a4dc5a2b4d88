/** One after the other, in the order of asking; who gives up waiting frees the way at once. */
export function createTurns(): <T>(signal: AbortSignal, task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return async (signal, task) => {
    const before = last;
    let free = () => {};
    last = Promise.all([before, new Promise<void>((resolve) => (free = resolve))]);
    let stop = () => {};
    try {
      await Promise.race([
        before,
        new Promise((_, reject) => {
          stop = () => reject(signal.reason);
          signal.addEventListener('abort', stop);
        }),
      ]);
      signal.throwIfAborted();
      return await task();
    } finally {
      signal.removeEventListener('abort', stop);
      free();
    }
  };
}
