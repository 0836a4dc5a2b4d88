/**
 * Waiting work, bounded and fair. Tokens take turns; within a token the users that it names take turns; within a user first come is
 * first served. So a program with three hundred users gets no more of the engine than a panel with one.
 */

/** Whose work it is, from the token down. */
export type Client = { readonly owner: string; readonly client: string };

export type FairQueue<T> = {
  /** @returns false when the queue, or this token's part of it, is full */
  push(whose: Client, item: T): boolean;
  /** Adds without looking at the limits: work that was accepted once is not refused later. */
  restore(whose: Client, item: T): void;
  shift(): T | undefined;
  /** @returns false when it was not waiting */
  remove(item: T): boolean;
  /** How many come before it; -1 when it does not wait. */
  ahead(item: T): number;
  /** After how many ends of runs a token that was refused finds a place. */
  untilPlace(owner: string): number;
  readonly size: number;
};

export type QueueLimits = {
  /** Of everyone. */
  readonly limit: number;
  readonly perOwner: number;
  /** So many a token may always have, whatever the others have filled. */
  readonly reserved: number;
};

export function createFairQueue<T>({ limit, perOwner, reserved }: QueueLimits): FairQueue<T> {
  const line = createLine<T>(2);
  const sizeOf = (owner: string) => line.sizeOf(owner);

  const restore = ({ owner, client }: Client, item: T) => line.push([owner, client], item);
  const isFull = (owner: string) => sizeOf(owner) >= perOwner || (line.size >= limit && sizeOf(owner) >= reserved);

  return {
    get size() {
      return line.size;
    },
    restore,
    push(whose, item) {
      if (isFull(whose.owner)) return false;
      restore(whose, item);
      return true;
    },
    shift: line.shift,
    remove: line.remove,
    ahead: line.ahead,
    untilPlace(owner) {
      if (!isFull(owner)) return 0;
      if (sizeOf(owner) < perOwner) return 1;
      // Its own next one has to begin.
      return line.turnOf(owner) + 1;
    },
  };
}

type Line<T> = {
  readonly size: number;
  push(path: readonly string[], item: T): void;
  shift(): T | undefined;
  remove(item: T): boolean;
  ahead(item: T): number;
  sizeOf(name: string): number;
  turnOf(name: string): number;
};

/** @param depth 0: a plain row; else names that take turns, each with a line of one less */
function createLine<T>(depth: number): Line<T> {
  return depth === 0 ? createRow() : createTurns(depth);
}

function createTurns<T>(depth: number): Line<T> {
  /** In order of turns: who was served goes to the end. */
  const lines = new Map<string, Line<T>>();
  let size = 0;
  return {
    get size() {
      return size;
    },
    push([name = '', ...rest], item) {
      const line = lines.get(name) ?? createLine<T>(depth - 1);
      lines.set(name, line);
      line.push(rest, item);
      size += 1;
    },
    shift() {
      const first = lines.entries().next();
      if (first.done) return undefined;
      const [name, line] = first.value;
      const item = line.shift();
      lines.delete(name);
      if (line.size > 0) lines.set(name, line);
      size -= 1;
      return item;
    },
    remove(item) {
      for (const [name, line] of lines) {
        if (!line.remove(item)) continue;
        if (line.size === 0) lines.delete(name);
        size -= 1;
        return true;
      }
      return false;
    },
    ahead(item) {
      const order = [...lines.values()];
      const places = order.map((line) => line.ahead(item));
      const turn = places.findIndex((place) => place >= 0);
      const place = places[turn];
      if (place === undefined) return -1;
      // Everyone before us has had one turn more than those after us.
      return order.reduce((sum, line, index) => {
        if (index === turn) return sum + place;
        return sum + Math.min(line.size, index < turn ? place + 1 : place);
      }, 0);
    },
    sizeOf: (name) => lines.get(name)?.size ?? 0,
    turnOf: (name) => Math.max(0, [...lines.keys()].indexOf(name)),
  };
}

function createRow<T>(): Line<T> {
  const items: T[] = [];
  return {
    get size() {
      return items.length;
    },
    push: (_, item) => void items.push(item),
    shift: () => items.shift(),
    remove(item) {
      const at = items.indexOf(item);
      if (at >= 0) items.splice(at, 1);
      return at >= 0;
    },
    ahead: (item) => items.indexOf(item),
    sizeOf: () => items.length,
    turnOf: () => 0,
  };
}
