/**
 * The history, kept in Figma's storage in shards: a picture more rewrites one shard, not 4 MB. Only the small picture is
 * kept; the request beside it draws the same pixels again.
 */
import * as z from 'zod';
import { GenerateRequest } from '../../models/protocol.js';
import type { Entry } from './state.js';

/** As many as a person scrolls through, and as fit in 4.5 MB with their small pictures. */
const ENTRIES = 1000;
const SHARDS = 40;
const PER_SHARD = ENTRIES / SHARDS;

const Kept = z.object({
  id: z.string().max(60),
  at: z.number(),
  file: z.string().max(500),
  request: GenerateRequest,
  small: z
    .string()
    .max(20_000)
    .regex(/^data:image\/(webp|png|jpeg);base64,[A-Za-z0-9+/=]*$/),
  favourite: z.boolean(),
});

export const HISTORY_KEYS = Array.from({ length: SHARDS }, (_, shard) => `history-${shard}`);

/** Reads shards, newest first. Entries that are damaged are left out, the others stay. */
export function readHistory(shards: readonly (string | null)[]): Entry[] {
  const entries = shards.flatMap((json) => {
    try {
      const list: unknown = JSON.parse(json ?? '[]');
      return Array.isArray(list) ? list : [];
    } catch {
      return [];
    }
  });
  const known = new Map<string, Entry>();
  for (const entry of entries) {
    const kept = Kept.safeParse(entry);
    if (kept.success) known.set(kept.data.id, kept.data);
  }
  return [...known.values()].sort((a, b) => b.at - a.at).slice(0, ENTRIES);
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
  /** @returns keys and values that differ from what was written last */
  changes(history: readonly Entry[]): { readonly key: string; readonly value: string | null }[];
};

/**
 * Which shard an entry lies in never changes while it lives, so that one more or less rewrites one shard.
 */
export function createArchive(initial: readonly Entry[] = []): Archive {
  const home = new Map<string, number>();
  const filled = new Array<number>(SHARDS).fill(0);
  const written = new Map<string, string | null>();
  const settle = (entry: Entry) => {
    const shard = home.get(entry.id) ?? filled.findIndex((count) => count < PER_SHARD);
    if (!home.has(entry.id) && shard >= 0) {
      home.set(entry.id, shard);
      filled[shard] = (filled[shard] ?? 0) + 1;
    }
    return shard;
  };
  const divide = (history: readonly Entry[]) => {
    const present = new Set(history.map(({ id }) => id));
    for (const [id, shard] of home)
      if (!present.has(id)) {
        home.delete(id);
        filled[shard] = (filled[shard] ?? 1) - 1;
      }
    const shards: Entry[][] = Array.from({ length: SHARDS }, () => []);
    for (const entry of history) shards[settle(entry)]?.push(entry);
    return shards.map((entries, shard) => ({
      key: `history-${shard}`,
      value: entries.length > 0 ? JSON.stringify(entries) : null,
    }));
  };
  for (const { key, value } of divide(initial)) written.set(key, value);
  return {
    changes(history) {
      const changed = divide(history).filter(({ key, value }) => (written.get(key) ?? null) !== value);
      for (const { key, value } of changed) written.set(key, value);
      return changed;
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
      wanted.every((word) => fold(request.prompt).includes(word)),
  );
}

/** "Café" is found by "cafe". */
const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
