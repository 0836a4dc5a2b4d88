import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cleanCaption, cleanReport } from '../../../models/run/text/clean.js';
import { unescapeHtml } from '../../../models/run/text/entities.js';
import { fixText } from '../../../models/run/text/fix-text.js';
import { textOfMarkup } from '../../../models/run/text/markup.js';
import { cpuOf } from '../../support/cpu.js';

const readJson = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

type Pairs = [given: string, expected: string][];
const more = readJson<Record<'captions' | 'fixText' | 'markup' | 'unescape', Pairs>>('./clean-more.json');

describe('cleanCaption', () => {
  it.each(['clean.json', 'prompts.json'])('equals the authors’ cleaning on every caption of %s', (file) => {
    const pairs = readJson<{ prompt: string; cleaned: string }[]>(`../../reference/t5-a/${file}`);
    expect(pairs.length).toBeGreaterThan(0);
    for (const { prompt, cleaned } of pairs) expect(cleanCaption(prompt), JSON.stringify(prompt)).toBe(cleaned);
  });

  it('equals it on captions made to be difficult', () => {
    for (const [given, expected] of more.captions) expect(cleanCaption(given), JSON.stringify(given)).toBe(expected);
  });

  it('leaves what html.parser refuses as text, where the authors’ code fails', () => {
    expect(cleanCaption('a cat <![unknown[ sits')).toBe('a cat <! unknown sits');
  });

  const hostile = [
    ['a.', ''],
    ['.com', '@'],
    ['a-', ''],
    ['<', ''],
    ['<a ', '>'],
    ['<a b="', ''],
    ['</', ''],
    ['<!--', ''],
    ['<![cdata[', ''],
    ['<a>', ''],
    ['<br></a>', ''],
    ['&', ''],
    ['&#38;', ''],
    ['1', 'é'],
    ['a1', 'é'],
    ['1.', 'é'],
    [' ', 'x'],
    ['. ', ''],
    ['İ', '"'],
    ['Ãa', ''],
    ['├⌐', ''],
    ['ðŸ˜', ''],
    ['%', ''],
    ['😀', ''],
    ['\ud800', ''],
    ['"', 'x'],
  ] as const;

  it.each(hostile)('reads 20,000 characters of %j before %j in linear time', (part, end) => {
    const text = part.repeat(20_000 / part.length).slice(0, 20_000 - end.length) + end;
    // An idle machine needs 2 to 100 ms, a quadratic rule several seconds.
    expect(cpuOf(() => cleanCaption(text))).toBeLessThan(1_000);
  });
});

describe('cleanReport', () => {
  it('says what was taken out when nothing is left', () => {
    expect(cleanReport('cat.png 1024x768 free download')).toEqual({
      cleaned: '',
      removed: ['cat.png', '1024x768', 'free download'],
    });
    expect(cleanReport('<b></b> https://www.a.com @nick #12 中文')).toEqual({
      cleaned: '',
      removed: ['https://', 'www.a.com', '<b>', '</b>', '@nick', '中文', '#12'],
    });
    expect(cleanReport(' \n ')).toEqual({ cleaned: '', removed: [] });
  });

  it('reports nothing for a plain caption', () => {
    expect(cleanReport('A red circle')).toEqual({ cleaned: 'a red circle', removed: [] });
  });
});

describe('the steps by themselves', () => {
  it('fixText equals ftfy', () => {
    for (const [given, expected] of more.fixText) expect(fixText(given), JSON.stringify(given)).toBe(expected);
    expect(fixText('schÃ¶n â€” naïve')).toBe('schön — naïve');
  });

  it('textOfMarkup equals Beautiful Soup on html.parser', () => {
    for (const [given, expected] of more.markup) expect(textOfMarkup(given).text, JSON.stringify(given)).toBe(expected);
  });

  it('unescapeHtml equals html.unescape', () => {
    for (const [given, expected] of more.unescape) expect(unescapeHtml(given), JSON.stringify(given)).toBe(expected);
  });
});
