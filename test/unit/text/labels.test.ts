import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { matchLabel, parseLabels } from '../../../models/run/text/labels.js';
import { cpuOf } from '../../support/cpu.js';

const imagenet: string[][] = JSON.parse(
  readFileSync(new URL('../../../models/import/labels/imagenet.json', import.meta.url), 'utf8'),
);
const labels = parseLabels(imagenet);

describe('the ImageNet names', () => {
  it('are 1,000 in the order of the synsets, no two shown alike', () => {
    expect(imagenet.length).toBe(1000);
    expect([0, 207, 281, 417, 980, 999].map((index) => imagenet[index]?.[0])).toEqual([
      'tench',
      'golden retriever',
      'tabby',
      'balloon',
      'volcano',
      'toilet tissue',
    ]);
    expect(new Set(imagenet.map(([name]) => name?.toLowerCase())).size).toBe(1000);
  });

  it('are each found by every name that is theirs alone, and all by the name shown', () => {
    const owners = new Map<string, number>();
    for (const names of imagenet)
      for (const name of new Set(names.map((name) => name.toLowerCase())))
        owners.set(name, (owners.get(name) ?? 0) + 1);
    imagenet.forEach((names, index) => {
      for (const [rank, name] of names.entries())
        if (rank === 0 || owners.get(name.toLowerCase()) === 1)
          expect(matchLabel(name, labels), name).toMatchObject({
            kind: rank === 0 ? 'exact' : expect.any(String),
            index,
          });
    });
  });
});

describe('matchLabel', () => {
  it.each([
    ['golden retriever', 'exact', 207],
    ['A Golden  Retriever!', 'exact', 207],
    ['golden retrievers', 'exact', 207],
    ['the volcanoes', 'exact', 980],
    ['tabby cat', 'synonym', 281],
    ['Tinca tinca', 'synonym', 0],
    ['sunglasses', 'exact', 837],
    ['sunglass', 'exact', 836],
    ['collies', 'exact', 231],
    ['crane', 'exact', 517],
    ['cranes', 'exact', 517],
    ['crane bird', 'exact', 134],
    ['cardigan', 'exact', 474],
    ['207', 'exact', 207],
    ['class 0', 'exact', 0],
    ['#999', 'exact', 999],
    ['a photo of a golden retriever', 'within', 207],
    ['two great white sharks under water', 'within', 2],
    ['a hot-air balloon over the sea', 'within', 417],
  ])('takes %j for an %s match of class %d', (prompt, kind, index) => {
    expect(matchLabel(prompt, labels)).toEqual({ kind, index, name: imagenet[index]?.[0] });
  });

  it.each([
    ['goldn retreiver', 'golden retriever'],
    ['a photo of a dalmation', 'dalmatian'],
    ['vulcano', 'volcano'],
    ['flamingoo', 'flamingo'],
  ])('offers for %j the nearest names', (prompt, nearest) => {
    const match = matchLabel(prompt, labels);
    expect(match.kind).toBe('none');
    const suggestions = match.kind === 'none' ? match.suggestions : [];
    expect(suggestions[0]).toBe(nearest);
    expect(suggestions.length).toBeLessThanOrEqual(5);
  });

  it('offers nothing where nothing is near', () => {
    for (const prompt of ['', '   ', 'zzzzqqq', '1000', '漢字', '12345678'])
      expect(matchLabel(prompt, labels)).toEqual({ kind: 'none', suggestions: [] });
  });

  it('finds the first of two names and the longer before the shorter', () => {
    const few = parseLabels([['fox'], ['red fox', 'Vulpes'], ['owl'], ['a'], ['7'], ['knife'], ['mouse']]);
    expect(matchLabel('an owl and a fox', few)).toMatchObject({ kind: 'within', name: 'owl' });
    expect(matchLabel('an owl and a red fox', few)).toMatchObject({ kind: 'within', name: 'red fox' });
    expect(matchLabel('a', few)).toMatchObject({ kind: 'exact', index: 3 });
    expect(matchLabel('7', few)).toMatchObject({ kind: 'exact', index: 4 });
    expect(matchLabel('knives', few)).toMatchObject({ kind: 'exact', index: 5 });
    expect(matchLabel('three mice', few)).toMatchObject({ kind: 'within', index: 6 });
    expect(matchLabel('constructor', few)).toMatchObject({ kind: 'none' });
  });

  it('is quick on a long prompt', () => {
    expect(cpuOf(() => matchLabel('zebu '.repeat(4000), labels))).toBeLessThan(500);
  });
});

describe('parseLabels', () => {
  it.each([
    [null, 'The labels are not a list of lists of names: file: '],
    [[], 'file: '],
    [['a'], '0: '],
    [[['a'], []], '1: '],
    [[['a', '']], '0.1: '],
    [[[7]], '0.0: '],
    [[['x'.repeat(201)]], '0.0: '],
  ])('refuses %j', (json, message) => {
    expect(() => parseLabels(json)).toThrow(message);
  });
});
