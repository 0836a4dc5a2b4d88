/** Settings and history, in Figma's storage for the plugin: 5 MB on this machine, shared by all files. */
import type { Host } from './host.js';
import { CANVAS_LIMITS, type Refusal } from './messages.js';

export type Store = {
  load(key: string): Promise<string | null>;
  /** @returns why it could not be kept, or null */
  save(key: string, value: string | null): Promise<Refusal | null>;
};

export function createStore(host: Host): Store {
  // Saves wait for one another, so that two at once can't both find the last free space.
  let last: Promise<unknown> = Promise.resolve();
  const load = async (key: string) => {
    const value = await host.clientStorage.getAsync(key);
    return typeof value === 'string' ? value : null;
  };
  const save = async (key: string, value: string | null): Promise<Refusal | null> => {
    if (value === null) {
      await host.clientStorage.deleteAsync(key);
      return null;
    }
    let total = value.length;
    for (const other of await host.clientStorage.keysAsync())
      if (other !== key) total += ((await load(other)) ?? '').length;
    if (total > CANVAS_LIMITS.storedTotal) return 'storage-full';
    await host.clientStorage.setAsync(key, value);
    return null;
  };
  return {
    load: (key) => load(key).catch(() => null),
    save(key, value) {
      const done = last.then(() => save(key, value)).catch((): Refusal => 'storage-full');
      last = done;
      return done;
    },
  };
}
