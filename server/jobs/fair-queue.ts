/** Waiting work, bounded and fair: clients take turns, and within a client first come is first served. */

export type FairQueue<T> = {
  /** @returns false when the queue, or this client's part of it, is full */
  push(client: string, item: T): boolean;
  /** Adds without looking at the limits: work that was accepted once is not refused later. */
  restore(client: string, item: T): void;
  shift(): T | undefined;
  /** @returns false when it was not waiting */
  remove(item: T): boolean;
  /** How many come before it; -1 when it does not wait. */
  ahead(item: T): number;
  readonly size: number;
};

export function createFairQueue<T>({ limit, perClient }: { limit: number; perClient: number }): FairQueue<T> {
  /** In order of turns: who was served goes to the end. */
  const clients = new Map<string, T[]>();
  let size = 0;

  function restore(client: string, item: T): void {
    const items = clients.get(client);
    if (items) items.push(item);
    else clients.set(client, [item]);
    size += 1;
  }

  return {
    get size() {
      return size;
    },
    restore,
    push(client, item) {
      if (size >= limit || (clients.get(client)?.length ?? 0) >= perClient) return false;
      restore(client, item);
      return true;
    },
    shift() {
      const first = clients.entries().next();
      if (first.done) return undefined;
      const [client, items] = first.value;
      const item = items.shift();
      clients.delete(client);
      if (items.length > 0) clients.set(client, items);
      size -= 1;
      return item;
    },
    remove(item) {
      for (const [client, items] of clients) {
        const at = items.indexOf(item);
        if (at < 0) continue;
        items.splice(at, 1);
        if (items.length === 0) clients.delete(client);
        size -= 1;
        return true;
      }
      return false;
    },
    ahead(item) {
      const order = [...clients.values()];
      const turn = order.findIndex((items) => items.includes(item));
      const place = order[turn]?.indexOf(item) ?? -1;
      if (place < 0) return -1;
      // Everyone before us has had one turn more than those after us.
      return order.reduce((sum, items, index) => {
        if (index === turn) return sum + place;
        return sum + Math.min(items.length, index < turn ? place + 1 : place);
      }, 0);
    },
  };
}
