/** Case A1 with a pack of drawings: of the prompts as designers type them none is drawn in silence, and most are understood. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readWords } from '../../../models/run/read-prompt.js';
import { readPrompt } from '../../../models/run/vocabulary/read.js';
import { DRAWINGS } from './drawings-vocabulary.js';

const PROMPTS = readFileSync(new URL('designers.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter(Boolean);

describe('A1: a pack of drawings', () => {
  it.each(PROMPTS)('says what it makes of "%s"', (prompt) => {
    const { says, unknown, left, beyond, corrected } = readPrompt(prompt, DRAWINGS);
    if (!says) {
      expect(() => readWords(prompt, DRAWINGS, false)).toThrow('Nothing was drawn');
      return;
    }
    const message = readWords(prompt, DRAWINGS, false)?.warning.message ?? '';
    expect(message).toMatch(/^Drew: \S/);
    for (const { text } of [...unknown, ...left, ...corrected]) expect(message).toContain(text);
    for (const { value } of beyond) expect(message).toContain(`${value}`);
  });

  it('understands what to draw in three of four', () => {
    const understood = PROMPTS.filter((prompt) => readPrompt(prompt, DRAWINGS).says);
    expect(understood.length / PROMPTS.length).toBeGreaterThan(0.75);
  });

  it('knows animals, food and icons by their names in five languages', () => {
    for (const [prompt, id] of [
      ['ein Fuchs', 'fox'],
      ['un renard', 'fox'],
      ['un zorro', 'fox'],
      ['キツネ', 'fox'],
      ['zwei Bienen', 'honeybee'],
      ['una pizza', 'pizza'],
      ['search icon', 'magnifying-glass icon'],
      ['kitten', 'cat-face'],
    ] as const)
      expect(
        readPrompt(prompt, DRAWINGS).understood.map((one) => one.id),
        prompt,
      ).toContain(id);
  });
});
