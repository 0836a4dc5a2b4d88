import { describe, expect, it } from 'vitest';
import {
  addEntry,
  createArchive,
  dropOldest,
  HISTORY_KEYS,
  readHistory,
  searchHistory,
} from '../../../ui/panel/archive.js';
import type { Entry } from '../../../ui/panel/state.js';

const entry = (at: number, changes: Partial<Entry> & { prompt?: string } = {}): Entry => {
  const { prompt = `picture ${at}`, ...rest } = changes;
  return {
    id: `id-${at}`,
    at,
    file: 'a',
    request: {
      prompt,
      pack: 'starter',
      seeds: [at],
      schedule: { kind: 'student', steps: 2 },
      sampling: null,
      size: { width: 256, height: 256 },
      format: 'png',
      draft: true,
    },
    small: `data:image/webp;base64,${'A'.repeat(2500)}`,
    favourite: false,
    ...rest,
  };
};
const thousand = Array.from({ length: 1000 }, (_, at) => entry(1000 - at));

describe('the archive', () => {
  it('holds a thousand pictures within Figma’s 5 MB, and reads them back in order', () => {
    const changes = createArchive().changes(thousand);
    const total = changes.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    expect(total).toBeLessThan(4_500_000);
    for (const { key, value } of changes)
      expect([HISTORY_KEYS.includes(key), (value ?? '').length < 500_000]).toEqual([true, true]);
    expect(readHistory(changes.map(({ value }) => value))).toEqual(thousand);
  });

  it('writes one shard for one picture more, one less, or one changed', () => {
    const archive = createArchive(thousand);
    expect(archive.changes(thousand)).toEqual([]);
    const more = addEntry(thousand, entry(1001));
    expect(more.length).toBe(1000);
    expect(archive.changes(more).length).toBe(1);
    expect(
      archive.changes(more.map((other) => (other.at === 500 ? { ...other, favourite: true } : other))).length,
    ).toBe(1);
  });

  it('empties shards that nothing lies in any more', () => {
    const archive = createArchive(thousand);
    expect(archive.changes([]).map(({ value }) => value)).toEqual(new Array(40).fill(null));
  });

  it('leaves out what is damaged and keeps the rest', () => {
    const good = entry(5);
    const shards = [
      JSON.stringify([good, { ...entry(6), small: 'https://example.org/x.png' }, { id: 5 }, null]),
      '{',
      '"text"',
      null,
      JSON.stringify([{ ...entry(7), small: 'data:text/html;base64,AAAA' }, good]),
    ];
    expect(readHistory(shards)).toEqual([good]);
  });

  it('drops the oldest, never a favourite while there are others', () => {
    const list = [entry(3), entry(2), entry(1, { favourite: true })];
    expect(dropOldest(list, 2).map(({ at }) => at)).toEqual([3, 1]);
    expect(
      dropOldest(
        list.map((one) => ({ ...one, favourite: true })),
        1,
      ).map(({ at }) => at),
    ).toEqual([3]);
  });
});

describe('searching', () => {
  const list = [
    entry(3, { prompt: 'Café by the sea' }),
    entry(2, { prompt: 'sea of sand', file: 'b', favourite: true }),
    entry(1, { prompt: 'بحر أزرق 🌊' }),
  ];
  const find = (words: string, file: string | null = null, favourites = false) =>
    searchHistory(list, words, { file, favourites }).map(({ at }) => at);

  it('finds all words in any order, accents and case aside', () => {
    expect(find('SEA cafe')).toEqual([3]);
    expect(find('sea')).toEqual([3, 2]);
    expect(find('')).toEqual([3, 2, 1]);
    expect(find('أزرق')).toEqual([1]);
    expect(find('🌊')).toEqual([1]);
    expect(find('zebra')).toEqual([]);
  });

  it('within a file, or among favourites', () => {
    expect(find('', 'b')).toEqual([2]);
    expect(find('', null, true)).toEqual([2]);
  });
});
