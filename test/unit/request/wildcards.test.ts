import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../models/protocol.js';
import { buildRequest, InvalidRequestError, seedsFor } from '../../../models/request/build.js';
import { upgradeRequest } from '../../../models/request/upgrade.js';
import {
  blankSyntax,
  countLines,
  escapeWords,
  faultOf,
  hasChoices,
  joinLines,
  periodOf,
  settled,
  wordsFor,
} from '../../../models/wildcards.js';
import { goldenRequests, TODAY } from '../../support/golden-requests.js';

const drawn = (prompt: string, count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => wordsFor(prompt, first + index));

describe('the words of a seed', () => {
  it('are the prompt where there is nothing to choose', () => {
    for (const prompt of ['a red house', '  spaces  stay ', 'a | b', 'C:\\fox', ''])
      expect(drawn(prompt, 3)).toEqual([prompt, prompt, prompt]);
  });

  it.each([
    ['a {red|blue} house', ['a blue house', 'a red house']],
    ['{1-3} cats', ['1 cats', '2 cats', '3 cats']],
    ['{3-1}', ['1', '2', '3']],
    ['{red|dark {blue|green}} sky', ['dark blue sky', 'dark green sky', 'red sky']],
    ['{very |}old', ['old', 'very old']],
    ['{red|blue} {cat|dog}', ['blue cat', 'blue dog', 'red cat', 'red dog']],
    ['a {house}', ['a house']],
    ['{1-2|five}', ['1-2', 'five']],
    ['cat\ndog\n\n  {red|blue} fox ', ['blue fox', 'cat', 'dog', 'red fox']],
  ])('of "%s" go through all combinations before any comes again', (prompt, all) => {
    const period = periodOf(prompt) as number;
    expect([...new Set(drawn(prompt, period, 1000))].sort()).toEqual(all);
    expect(drawn(prompt, period)).toEqual(drawn(prompt, period, period));
    expect(period % countLines(prompt)).toBe(0);
  });

  it('depend on the seed alone, up to the greatest', () => {
    const prompt = `${'{a|b|c|d|e|f|g} '.repeat(32)}`;
    expect(wordsFor(prompt, Number.MAX_SAFE_INTEGER)).toBe(wordsFor(prompt, Number.MAX_SAFE_INTEGER));
    expect(wordsFor(prompt, Number.MAX_SAFE_INTEGER)).toMatch(/^([a-g] ){31}[a-g]$/);
    expect(new Set(drawn(prompt, 50)).size).toBe(50);
    expect(periodOf(prompt)).toBeNull();
  });

  it('are spread from the first seeds on', () => {
    const first = drawn('{1-50} {red|blue|green}', 8).map((words) => words.split(' '));
    expect(new Set(first.map(([number]) => number)).size).toBeGreaterThan(5);
    expect(new Set(first.map(([, colour]) => colour)).size).toBe(3);
  });

  it('have the characters that a backslash stands before', () => {
    expect(wordsFor('\\{a\\|b\\} \\\\ c', 3)).toBe('{a|b} \\ c');
    expect(wordsFor('{a\\|b|a\\|b}', 3)).toBe('a|b');
    expect(wordsFor('one\\\ntwo', 3)).toBe('one\ntwo');
    expect(wordsFor('one\r\ntwo', 1)).toBe('two');
  });

  it('survive being escaped', () => {
    for (const text of ['{a|b}', 'a\nb', '\\{', 'x\\', '}{', 'C:\\new', 'plain'])
      for (const seed of [0, 1, 2]) expect(wordsFor(escapeWords(text), seed)).toBe(text);
  });
});

describe('braces that can not be read', () => {
  it.each([
    ['a {red house', '"{" at character 3 is not closed. Write "}" behind the choices, or "\\{" for a brace.'],
    ['{red\nblue}', '"{" at character 1 is not closed'],
    ['a red} house', '"}" at character 6 closes nothing. Write "{" before the choices, or "\\}" for a brace.'],
    ['{1-201}', '{1-201} at character 1 is 201 numbers; there may be 200.'],
    [`{${'a|'.repeat(200)}a}`, '"{" at character 1 has 201 choices; there may be 200.'],
    ['{{{{{a}}}}}', '"{" at character 5 is 5 deep; braces stand in each other at most 4 deep.'],
    ['{a}'.repeat(33), '"{" at character 97 is one too many: a prompt has at most 32 choices.'],
    ['a\n'.repeat(65), 'The prompt has 65 lines; a batch takes at most 64.'],
  ])('are refused with the place: %s', (prompt, message) => {
    expect(faultOf(prompt)).toContain(message);
    const target = { id: 'x', presets: { standard: TODAY.schedule }, size: TODAY.size };
    expect(() => buildRequest(target, { prompt, seeds: [1] })).toThrow(InvalidRequestError);
    expect(upgradeRequest({ ...TODAY, prompt })).toMatchObject({ ok: false, why: 'damaged' });
  });

  it('are read in a moment, however many', () => {
    for (const prompt of ['{'.repeat(20_000), '{a|'.repeat(6000), '{'.repeat(10_000) + '}'.repeat(10_000)])
      expect(faultOf(prompt)).toBeTypeOf('string');
    expect(faultOf(`{${'\\|'.repeat(9000)}}`)).toBeNull();
  });
});

describe('seeds for a prompt', () => {
  it('follow each other', () => expect(seedsFor('a {b|c}', 7, 3)).toEqual([7, 8, 9]));

  it('of several lines give each its own, in the order of the lines', () => {
    const prompt = 'cat\ndog\nfox';
    const seeds = seedsFor(prompt, 100, 2);
    expect(seeds.map((seed) => wordsFor(prompt, seed))).toEqual(['cat', 'cat', 'dog', 'dog', 'fox', 'fox']);
    expect([...seeds].sort((a, b) => a - b)).toEqual([100, 101, 102, 103, 104, 105]);
  });

  it('are at most as many as a request may have', () => {
    expect(() => seedsFor('a\n'.repeat(20), 1, 4)).toThrow(
      `20 lines with 4 pictures each are 80 pictures; at most ${LIMITS.pictures} are drawn at once`,
    );
  });
});

describe('a request', () => {
  it('of before there were choices draws the words as they stood', () => {
    const old = { ...goldenRequests(4)[0], prompt: 'a {fox}\n\\ and {b|c}' };
    const read = upgradeRequest(old);
    expect(read.ok && wordsFor(read.request.prompt, 5)).toBe('a {fox}\n\\ and {b|c}');
  });

  it('of one picture can be settled on the words that it drew', () => {
    const request = { ...TODAY, prompt: '{cat|dog} with \\{', seeds: [1] };
    expect(settled(request).prompt).toBe('dog with \\{');
    expect(settled(TODAY)).toBe(TODAY);
    expect(hasChoices('a \\{ b')).toBe(false);
  });
});

it('blanks the marks and leaves the words where they stand', () => {
  const prompt = 'a {red|blue} house\n{1-5} cats \\{x';
  expect(blankSyntax(prompt)).toBe('a  red blue  house       cats  {x');
  expect(blankSyntax(prompt)).toHaveLength(prompt.length);
});

it('makes one prompt of paragraphs', () => expect(joinLines('a cat\r\n\r\n  at night')).toBe('a cat at night'));
