import { describe, expect, it } from 'vitest';
import { GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import {
  addEntry,
  createArchive,
  dropOldest,
  HISTORY_KEYS,
  readHistory,
  searchHistory,
} from '../../../ui/panel/archive.js';
import type { Entry } from '../../../ui/panel/state.js';
import { OLD_REQUEST, TODAY } from '../../support/golden-requests.js';

const entry = (at: number, changes: Partial<Entry> & { prompt?: string } = {}): Entry => {
  const { prompt = `picture ${at}`, ...rest } = changes;
  return {
    id: `id-${at}`,
    at,
    file: 'a',
    request: GenerateRequest.parse({
      ...REQUEST_DEFAULTS,
      prompt,
      pack: 'starter',
      seeds: [at],
      schedule: { kind: 'student', steps: 2 },
      sampling: null,
      size: { width: 256, height: 256 },
      draft: true,
    }),
    small: `data:image/webp;base64,${'A'.repeat(2500)}`,
    favourite: false,
    ...rest,
  };
};
const thousand = Array.from({ length: 1000 }, (_, at) => entry(1000 - at));

/** As they lie in Figma's storage. */
const shardsOf = (history: readonly Entry[]) =>
  createArchive()
    .changes(history)
    .map(({ value }) => value);

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
    const archive = createArchive(shardsOf(thousand));
    expect(archive.changes(thousand)).toEqual([]);
    const more = addEntry(thousand, entry(1001));
    expect(more.length).toBe(1000);
    expect(archive.changes(more).length).toBe(1);
    expect(
      archive.changes(more.map((other) => (other.at === 500 ? { ...other, favourite: true } : other))).length,
    ).toBe(1);
  });

  it('empties shards that nothing lies in any more', () => {
    const archive = createArchive(shardsOf(thousand));
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

  it('D2: an entry of a newer version is shown as one, and goes back as it came', () => {
    const newer = { ...entry(6), stars: 5, request: { version: 99, words: 'a cat', animation: { frames: 8 } } };
    const shards = [JSON.stringify([entry(7), newer])];
    const history = readHistory(shards);
    expect(history.map(({ at, request }) => [at, request?.prompt])).toEqual([
      [7, 'picture 7'],
      [6, undefined],
    ]);
    expect(history[1]).toMatchObject({
      request: null,
      unreadable: { why: 'newer', raw: newer.request },
      favourite: false,
    });
    const archive = createArchive(shards);
    const changes = archive.changes(history.map((one) => (one.at === 6 ? { ...one, favourite: true } : one)));
    expect(changes.map(({ value }) => JSON.parse(value ?? ''))).toEqual([[entry(7), { ...newer, favourite: true }]]);
    expect(searchHistory(history, 'cat', { file: null, favourites: false })).toEqual([]);
  });

  it('D2: entries of version 1 become those of today', () => {
    const shard = JSON.stringify([{ ...entry(3), request: OLD_REQUEST }]);
    expect(readHistory([shard])).toEqual([{ ...entry(3), request: TODAY }]);
  });

  it('D2: what is no entry at all stays in its shard, and a shard that is no list is not written over', () => {
    const shards = [JSON.stringify([entry(1), { kind: 'film' }]), '{"format":2}'];
    const archive = createArchive(shards);
    const history = readHistory(shards);
    expect(history).toEqual([entry(1)]);
    expect(archive.changes(history)).toEqual([]);
    const more = Array.from({ length: 30 }, (_, at) => entry(100 + at));
    const changes = archive.changes([...more, ...history]);
    expect(changes.map(({ key }) => key)).toEqual(['history-0', 'history-2']);
    expect(changes[0]?.value).toContain('{"kind":"film"}');
    const after = [changes[0]?.value ?? '', '{"format":2}', changes[1]?.value ?? ''];
    expect(readHistory(after).length).toBe(31);
    expect(archive.forget()).toEqual([0, 1, 2].map((shard) => ({ key: `history-${shard}`, value: null })));
  });

  it('keeps every entry when it is read again and one more comes', () => {
    const first = createArchive();
    const storage = new Map<string, string | null>();
    const keep = (changes: readonly { key: string; value: string | null }[]) => {
      for (const { key, value } of changes) storage.set(key, value);
    };
    // Sixty entries lie in three shards; ten of the first leave, and two newer ones take their room.
    const sixty = Array.from({ length: 60 }, (_, at) => entry(at));
    for (const [at] of sixty.entries()) keep(first.changes(sixty.slice(0, at + 1).reverse()));
    const read = () => HISTORY_KEYS.map((key) => storage.get(key) ?? null);
    const second = createArchive(read());
    const left = [entry(61), ...readHistory(read()).filter(({ at }) => at >= 10)];
    keep(second.changes(left));
    expect(readHistory(read())).toEqual(left);
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
