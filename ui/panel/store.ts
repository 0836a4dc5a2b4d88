/** A value that can be replaced, and those who want to know. */
export type Store<Value> = {
  get(): Value;
  set(changes: Partial<Value>): void;
  subscribe(listener: () => void): () => void;
};

export function createStore<Value extends object>(initial: Value): Store<Value> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(changes) {
      value = { ...value, ...changes };
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
