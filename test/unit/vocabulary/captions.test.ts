/** The vocabulary holds what captions say: 400 of the trainer's (scenes/sample.py, seed 21) are understood whole, and drawn as they are written. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readPrompt } from '../../../models/run/vocabulary/read.js';
import { isWhole } from '../../../models/run/vocabulary/remarks.js';
import { SHAPES } from './shapes-vocabulary.js';

const CAPTIONS: string[] = JSON.parse(readFileSync(new URL('captions.json', import.meta.url), 'utf8'));

it('understands every caption', () => {
  expect(CAPTIONS.length).toBe(400);
  const wrong = CAPTIONS.flatMap((caption) => {
    const reading = readPrompt(caption, SHAPES);
    const isRight = isWhole(reading) && reading.says && reading.language === 'en' && reading.drawn === caption;
    return isRight ? [] : [`${caption} -> ${reading.drawn}: ${reading.unknown.map(({ text }) => text)}`];
  });
  expect(wrong).toEqual([]);
});
