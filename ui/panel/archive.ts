/**
 * The history, kept in Figma's storage in shards: a picture more rewrites one shard, not 4 MB. Only the small picture is
 * kept; the request beside it draws the same pixels again.
 */
import * as z from 'zod/mini';
import { upgradeRequest } from '../../models/request/upgrade.js';
import { text } from '../../models/schema.js';
import type { Entry } from './state.js';

/** As many as a person scrolls through, and as fit in 4.5 MB with their small pictures. */
const ENTRIES = 1000;
const SHARDS = 40;
const PER_SHARD = ENTRIES / SHARDS;

/** Fields of a newer version stay with their entry. */
const Kept = z.looseObject({
  id: text(0, 60),
  at: z.number(),
  file: text(0, 500),
  request: z.unknown(),
  small: z.string().check(z.maxLength(20_000), z.regex(/^data:image\/(webp|png|jpeg);base64,[A-Za-z0-9+/=]*$/)),
  favourite: z.boolean(),
});

const keyOf = (shard: number) => `history-${shard}`;
export const HISTORY_KEYS = Array.from({ length: SHARDS }, (_, shard) => keyOf(shard));

/**
 * Reads shards, newest first. An entry whose request can't be read is an entry all the same; what is no entry at all is left out here
 * and kept by the archive.
 */
export function readHistory(shards: readonly (string | null)[]): Entry[] {
  const known = new Map<string, Entry>();
  for (const entry of shards.flatMap((json) => readShard(json)?.entries ?? [])) known.set(entry.id, entry);
  return [...known.values()].sort((a, b) => b.at - a.at).slice(0, ENTRIES);
}

/** `strays` are no entries that we know: of a newer version, or damaged. */
type Shard = { readonly entries: readonly Entry[]; readonly strays: readonly unknown[] };

/** @returns null for what is no list at all */
function readShard(json: string | null): Shard | null {
  let list: unknown;
  try {
    list = JSON.parse(json ?? '[]');
  } catch {
    return null;
  }
  if (!Array.isArray(list)) return null;
  const entries: Entry[] = [];
  const strays: unknown[] = [];
  for (const one of list) {
    const entry = readEntry(one);
    if (entry) entries.push(entry);
    else strays.push(one);
  }
  return { entries, strays };
}

function readEntry(value: unknown): Entry | null {
  const kept = Kept.safeParse(value);
  if (!kept.success) return null;
  const upgraded = upgradeRequest(kept.data.request);
  if (upgraded.ok) return { ...kept.data, request: upgraded.request };
  return { ...kept.data, request: null, unreadable: upgraded };
}

/** An entry as it is written: a request that could not be read goes back as it came. */
function toStored({ unreadable, ...entry }: Entry): object {
  return unreadable ? { ...entry, request: unreadable.raw } : entry;
}

/**
 * Adds an entry; beyond the limit the oldest that is no favourite leaves.
 * @param limit how many there may be, fewer when the storage is full
 */
export function addEntry(history: readonly Entry[], entry: Entry, limit = ENTRIES): Entry[] {
  return dropOldest([entry, ...history.filter(({ id }) => id !== entry.id)], limit);
}

export function dropOldest(history: readonly Entry[], limit: number): Entry[] {
  const list = [...history];
  while (list.length > limit) {
    const oldest = list.findLastIndex(({ favourite }) => !favourite);
    list.splice(oldest < 0 ? list.length - 1 : oldest, 1);
  }
  return list;
}

export type Archive = {
  /** The person wants it all deleted, also what can't be read. */
  forget(): { readonly key: string; readonly value: string | null }[];
  /** @returns keys and values that differ from what was written last */
  changes(history: readonly Entry[]): { readonly key: string; readonly value: string | null }[];
};

/**
 * Which shard an entry lies in never changes while it lives, so that one more or less rewrites one shard. What can't be read stays
 * in its shard as it is.
 *
 * @param stored the shards as they were read
 */
export function createArchive(stored: readonly (string | null)[] = []): Archive {
  const home = new Map<string, number>();
  const filled = new Array<number>(SHARDS).fill(0);
  const strays = new Map<number, readonly unknown[]>();
  /** Shards that are no lists: nothing is written over them. */
  const locked = new Set<number>();
  const written = new Map<string, string | null>();
  const put = (id: string, shard: number) => {
    if (home.has(id)) return;
    home.set(id, shard);
    filled[shard] = (filled[shard] ?? 0) + 1;
  };
  for (const [shard, json] of stored.entries()) {
    written.set(keyOf(shard), json);
    const read = readShard(json);
    if (!read) locked.add(shard);
    filled[shard] = read ? read.strays.length : Number.POSITIVE_INFINITY;
    strays.set(shard, read?.strays ?? []);
    for (const { id } of read?.entries ?? []) put(id, shard);
  }
  const settle = ({ id }: Entry): number => {
    const free = filled.findIndex((count) => count < PER_SHARD);
    // Strays take room that entries were meant to have.
    if (!home.has(id)) put(id, free >= 0 ? free : filled.indexOf(Math.min(...filled)));
    return home.get(id) ?? 0;
  };
  const divide = (history: readonly Entry[]) => {
    const present = new Set(history.map(({ id }) => id));
    for (const [id, shard] of home)
      if (!present.has(id)) {
        home.delete(id);
        filled[shard] = (filled[shard] ?? 1) - 1;
      }
    const shards: object[][] = Array.from({ length: SHARDS }, () => []);
    for (const entry of history) shards[settle(entry)]?.push(toStored(entry));
    return shards.flatMap((entries, shard) => {
      const all = [...entries, ...(strays.get(shard) ?? [])];
      return locked.has(shard) ? [] : [{ key: keyOf(shard), value: all.length > 0 ? JSON.stringify(all) : null }];
    });
  };
  return {
    changes(history) {
      const changed = divide(history).filter(({ key, value }) => (written.get(key) ?? null) !== value);
      for (const { key, value } of changed) written.set(key, value);
      return changed;
    },
    forget() {
      locked.clear();
      strays.clear();
      filled.fill(0);
      home.clear();
      return this.changes([]);
    },
  };
}

/** Entries whose prompt has all of these words, in any order and case. */
export function searchHistory(
  history: readonly Entry[],
  words: string,
  which: { readonly file: string | null; readonly favourites: boolean },
): Entry[] {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  return history.filter(
    ({ request, file, favourite }) =>
      (which.file === null || which.file === file) &&
      (!which.favourites || favourite) &&
      wanted.every((word) => fold(request?.prompt ?? '').includes(word)),
  );
}

/** "Café" is found by "cafe". */
const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
