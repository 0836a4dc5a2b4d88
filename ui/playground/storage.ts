/** A Map that lasts: what the plugin keeps goes into the browser's storage, where there is one. */
const PREFIX = 'twostep ';

export function createLastingMap(storage: Storage | null): Map<string, string> {
  const kept = Object.keys(storage ?? {}).filter((key) => key.startsWith(PREFIX));
  return new (class extends Map<string, string> {
    override set(key: string, value: string): this {
      storage?.setItem(PREFIX + key, value);
      return super.set(key, value);
    }
    override delete(key: string): boolean {
      storage?.removeItem(PREFIX + key);
      return super.delete(key);
    }
  })(kept.map((key) => [key.slice(PREFIX.length), storage?.getItem(key) ?? '']));
}

/** @returns the browser's storage, or null in windows that have none */
export function openStorage(window: Window): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
