/**
 * Waiting work, bounded and fair, in lanes: what one engine is slow with holds up nothing that another draws. Tokens take turns; within a token the users that it names take turns; within a user first come is
 * first served. So a program with three hundred users gets no more of the engine than a panel with one.
 */

/** Whose work it is, from the token down. */
export type Client = { readonly owner: string; readonly client: string };

export type FairQueue<T> = {
  /** @returns false when the queue, or this token's part of it, is full */
  push(whose: Client, item: T): boolean;
  /** Adds without looking at the limits: work that was accepted once is not refused later. */
  restore(whose: Client, item: T): void;
  /** The next one of a lane. */
  shift(lane: string): T | undefined;
  /** Lanes in which something waits. */
  lanes(): readonly string[];
  /** @returns false when it was not waiting */
  remove(item: T): boolean;
  /** How many come before it in its lane; -1 when it does not wait. */
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

/** @param laneOf which engine an item is for; the limits are those of all lanes together */
export function createFairQueue<T>(
  { limit, perOwner, reserved }: QueueLimits,
  laneOf: (item: T) => string = () => '',
): FairQueue<T> {
  const lanes = new Map<string, Line<T>>();
  const sum = (of: (line: Line<T>) => number) => [...lanes.values()].reduce((all, line) => all + of(line), 0);
  const size = () => sum((line) => line.size);
  const sizeOf = (owner: string) => sum((line) => line.sizeOf(owner));

  function restore({ owner, client }: Client, item: T): void {
    const lane = laneOf(item);
    const line = lanes.get(lane) ?? createLine<T>(2);
    lanes.set(lane, line);
    line.push([owner, client], item);
  }
  /** Names of lanes come with requests, so that none is kept for nothing. */
  function forgetEmpty(lane: string): void {
    if (lanes.get(lane)?.size === 0) lanes.delete(lane);
  }
  const isFull = (owner: string) => sizeOf(owner) >= perOwner || (size() >= limit && sizeOf(owner) >= reserved);

  return {
    get size() {
      return size();
    },
    restore,
    push(whose, item) {
      if (isFull(whose.owner)) return false;
      restore(whose, item);
      return true;
    },
    shift(lane) {
      const item = lanes.get(lane)?.shift();
      forgetEmpty(lane);
      return item;
    },
    lanes: () => [...lanes.keys()],
    remove(item) {
      const lane = laneOf(item);
      const removed = lanes.get(lane)?.remove(item) ?? false;
      forgetEmpty(lane);
      return removed;
    },
    ahead: (item) => lanes.get(laneOf(item))?.ahead(item) ?? -1,
    untilPlace(owner) {
      if (!isFull(owner)) return 0;
      if (sizeOf(owner) < perOwner) return 1;
      // Its own next one has to begin, in whichever lane that is first.
      const turns = [...lanes.values()].filter((line) => line.sizeOf(owner) > 0).map((line) => line.turnOf(owner));
      return Math.min(...turns) + 1;
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
