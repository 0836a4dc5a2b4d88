/** Progress of work that does not report by itself. */
import { setTimeout } from 'node:timers/promises';

const INTERVAL_MILLISECONDS = 100;

/** Yields what `look` gives now and then until `work` is done; returns or throws what it does. */
export async function* watch<T, Seen>(work: Promise<T>, look: () => Seen): AsyncGenerator<Seen, T> {
  let running = true;
  const settled = work.then(
    () => undefined,
    () => undefined,
  );
  void settled.then(() => {
    running = false;
  });
  while (running) {
    yield look();
    await Promise.race([settled, setTimeout(INTERVAL_MILLISECONDS)]);
  }
  return work;
}
