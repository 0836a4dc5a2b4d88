/** Cases A1 and A2: what is understood of a prompt, and what the text encoder reads instead of it. */
import { describe, expect, it } from 'vitest';
import { readPrompt } from '../../../models/run/vocabulary/read.js';
import { Vocabulary } from '../../../models/vocabulary.js';
import { SHAPES } from './shapes-vocabulary.js';

const read = (prompt: string) => readPrompt(prompt, SHAPES);
const ids = (prompt: string) => read(prompt).understood.map(({ id }) => id);
const texts = (spans: readonly { readonly text: string }[]) => spans.map(({ text }) => text);

describe('A2: whole words only', () => {
  it.each([
    ['search icon', 'sea'],
    ['3d render of a sphere', 'ring'],
    ['startup hero', 'star'],
    ['starfish', 'star'],
    ['a hearty meal', 'heart'],
    ['sunday', 'sun'],
  ])('%s is no %s', (prompt, not) => expect(ids(prompt)).not.toContain(not));

  it('reads the longest name', () => {
    expect(ids('a light blue water drop')).toEqual(['light blue', 'drop']);
    expect(ids('pine tree')).toEqual(['tree']);
    expect(ids('crescent moon')).toEqual(['crescent']);
    expect(ids('two wavy lines')).toEqual(['2', 'wavy lines']);
  });

  it('tells where each word stands', () => {
    const prompt = 'A  RED ☆ star, fox';
    const { understood, unknown } = read(prompt);
    expect(understood.map(({ id, start, end }) => [id, prompt.slice(start, end)])).toEqual([
      ['red', 'RED'],
      ['star', 'star'],
    ]);
    expect(unknown).toEqual([{ text: 'fox', start: 15, end: 18, nearest: [] }]);
  });
});

describe('words that are not understood', () => {
  it('lead to the nearest known ones by keyword, part of a name and spelling', () => {
    const nearest = (prompt: string) => read(prompt).unknown[0]?.nearest ?? [];
    expect(nearest('office')).toEqual(['house', 'city']);
    expect(nearest('beaches')).toEqual(['sea']);
    expect(nearest('mark')).toContain('check mark');
    expect(nearest('hexagonal')).toEqual(['hexagon']);
    expect(nearest('xqzw')).toEqual([]);
  });

  it('are not drawn, nor is what joined them', () => {
    expect(read('a red star and a cute fox').drawn).toBe('a red star');
    expect(read('a fox and a red star').drawn).toBe('a red star');
    expect(read('a cute purple fox and a star').drawn).toBe('a star');
    expect(read('a fox on the left and a star').drawn).toBe('a star');
    expect(read('a star on dusty pink').drawn).toBe('a star on pink');
    expect(read('ein lila Fuchs und ein Stern').drawn).toBe('a star');
    expect(ids('a cute purple fox and a star')).toEqual(['star']);
    expect(read('a star on a skateboard, blue background').drawn).toBe('a star, blue background');
    expect(read('foo star bar').drawn).toBe('star');
  });

  it('leave a colour alone only where there is nothing else', () => {
    expect(read('red').says).toBe(true);
    expect(read('purple and pink').says).toBe(true);
    expect(read('a purple fox').says).toBe(false);
    expect(read('a fox on a purple background').says).toBe(true);
    expect(read('').says).toBe(false);
    expect(read('?!').says).toBe(false);
  });
});

describe('misspelt words', () => {
  it.each([
    ['yelow', 'yellow'],
    ['purpel', 'purple'],
    ['hart', 'heart'],
    ['tringle', 'triangle'],
    ['rectengle', 'rectangle'],
    ['mountians', 'mountains'],
    ['lavendar', 'lavender'],
    ['sqaure', 'square'],
  ])('%s is %s', (wrong, right) => {
    const { corrected, drawn } = read(`a ${wrong}`);
    expect(corrected).toEqual([{ start: 2, end: 2 + wrong.length, text: wrong, as: right }]);
    expect(drawn).toBe(`a ${right}`);
  });

  // Words of their own, one letter away from something that is known.
  it.each(['horse', 'king', 'boat', 'mouse', 'wing', 'cart', 'seat', 'bus', 'sin', 'red'])(
    '%s is not touched',
    (word) => expect(texts(read(word).corrected)).toEqual([]),
  );
});

describe('numbers and negation', () => {
  it('counts to what the pack can', () => {
    expect(read('3 stars')).toMatchObject({ drawn: '3 stars', beyond: [] });
    expect(read('twelve stars')).toMatchObject({ drawn: 'three stars', beyond: [{ value: 12 }] });
    expect(read('99 stars')).toMatchObject({ drawn: 'three stars', beyond: [{ value: 99 }] });
    expect(texts(read('a star, 2024').unknown)).toEqual(['2024']);
  });

  it('leaves out what is negated, up to the next comma', () => {
    expect(read('a heart, no stars, blue background')).toMatchObject({
      drawn: 'a heart, blue background',
      left: [{ text: 'no stars' }],
    });
    expect(read("don't draw a star").says).toBe(false);
    expect(read('ein Herz ohne Sterne')).toMatchObject({ drawn: 'a heart', left: [{ text: 'ohne Sterne' }] });
  });
});

describe('other languages, put together in English', () => {
  it.each([
    ['ein rotes Herz auf blauem Hintergrund', 'a red heart on a blue background'],
    ['Herz, rot', 'a red heart'],
    ['zwei kleine grüne Bäume', 'two small green trees'],
    ['drei rote Herzen in einer Reihe', 'three red hearts in a row'],
    ['ein Stern über einem Quadrat', 'a star above a square'],
    ['links ein Herz und rechts ein Stern', 'a heart on the left and a star on the right'],
    ['blau-weiße Streifen', 'blue and white stripes'],
    ['Verlauf von Blau nach Lila', 'blue to purple gradient'],
    ['ein lila Abzeichen mit einem weißen Blitz', 'purple badge with a white lightning bolt'],
    ['ein rotes Haus auf einem Hügel', 'a red house on the hills'],
    ['GRUENER STERN', 'a green star'],
    ['un cœur rouge sur fond bleu', 'a red heart on a blue background'],
    ['une grande étoile jaune au-dessus d’un carré vert', 'a large yellow star above a green square'],
    ['rayures bleues et blanches', 'blue and white stripes'],
    ['un corazón rojo sobre fondo azul', 'a red heart on a blue background'],
    ['tres estrellas amarillas', 'three yellow stars'],
    ['青い背景に黄色い星', 'a yellow star on a blue background'],
    ['赤い丸と青い四角', 'a red circle and a blue square'],
    ['星の上に月', 'a crescent above a star'],
    ['三つの赤いハート', 'three red hearts'],
    ['夜の山', 'the mountains at night'],
  ])('%s', (prompt, drawn) => {
    const reading = read(prompt);
    expect(texts(reading.unknown)).toEqual([]);
    expect(reading.drawn).toBe(drawn);
  });

  it('names what is not understood and what comes nearest in the same language', () => {
    expect(read('ein roter Fuchs und ein Stern')).toMatchObject({ language: 'de', unknown: [{ text: 'Fuchs' }] });
    expect(texts(read('青い象と星').unknown)).toEqual(['象']);
    expect(read('ein Stren').unknown[0]?.nearest ?? read('ein Stren').corrected).toMatchObject([{ as: 'star' }]);
  });

  it('keeps single words of other languages out of English', () => {
    // "sol" is Spanish for sun, "an" and "die" are German, "or" is French.
    expect(read('a sol or an art').understood.map(({ id }) => id)).not.toContain('sun');
    expect(read('a rot star').language).toBe('en');
  });
});

const fruit = Vocabulary.parse({
  version: 1,
  languages: ['en'],
  concepts: [
    { id: 'orange', kind: 'thing', names: { en: ['orange'] }, colour: 'orange' },
    { id: 'fox', kind: 'thing', names: { en: ['fox'] }, synonyms: ['vixen'], keywords: { en: ['animal'] } },
    { id: 'bulb', kind: 'thing', names: { en: ['light bulb'] } },
  ],
  words: {
    colour: [{ id: 'orange', names: { en: ['orange'] }, rgb: 'F77F1B' }],
    count: [{ id: '2', names: { en: ['two', '2'] } }],
    filler: [{ id: 'a', names: { en: ['a', 'an'] } }],
  },
  most: null,
});

describe('a vocabulary of one’s own', () => {
  it('tells a thing from the colour of the same name', () => {
    const classes = (prompt: string) => readPrompt(prompt, fruit).understood.map((word) => word.class);
    expect(classes('an orange')).toEqual(['concept']);
    expect(classes('orange')).toEqual(['concept']);
    expect(classes('an orange fox')).toEqual(['colour', 'concept']);
    expect(classes('two oranges')).toEqual(['count', 'concept']);
  });

  it('draws a synonym by the name that captions have', () => {
    expect(readPrompt('two vixens', fruit).drawn).toBe('two foxes');
    expect(readPrompt('a bulb', fruit).unknown).toMatchObject([{ nearest: ['light bulb'] }]);
    expect(readPrompt('an animal', fruit).unknown).toMatchObject([{ nearest: ['fox'] }]);
  });

  it('is refused where it contradicts itself', () => {
    const wrong = { ...fruit, concepts: [{ id: 'x', kind: 'thing', names: { de: ['x'] }, colour: 'blue' }] };
    const faults = Vocabulary.safeParse(wrong).error?.issues.map(({ message }) => message);
    expect(faults).toEqual(['"x" has no English name', '"blue" is not among the colours']);
    expect(Vocabulary.safeParse({ ...fruit, languages: ['de'] }).success).toBe(false);
  });
});
