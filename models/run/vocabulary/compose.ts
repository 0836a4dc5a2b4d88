/**
 * A prompt of another language, said in English: not word by word, but put together from what was understood, in the grammar
 * of the captions. "青い背景に黄色い星" is "a yellow star on a blue background".
 */
import { pluralOf } from './endings.js';
import { intentOf, type Noun } from './intent.js';
import type { Item, KnownItem } from './match.js';

/** @param most the largest number of equal things that can be drawn */
export function composeEnglish(items: readonly Item[], language: string, most: number): string {
  const { nouns, ground, bare, lights, ends, styles } = intentOf(items, language, most);
  const isIcon = styles.some(({ meaning }) => meaning.id === 'icon');
  const said = [
    ...styles.flatMap(({ meaning }) => (meaning.id === 'icon' || meaning.id === 'landscape' ? [] : [meaning.english])),
    ...bare.map(({ meaning }) => meaning.english),
    nouns.map((noun, at) => sayJoint(noun, at) + sayNoun(noun, isIcon && at === 0)).join(''),
    ...ends.map(({ meaning }) => meaning.english),
    ...lights.slice(0, 1).map(({ meaning }) => meaning.english),
    ...sayGround(ground.filter(({ meaning }) => meaning.class === 'colour')),
  ];
  return said.filter(Boolean).join(' ');
}

function sayJoint({ item, joint }: Noun, at: number): string {
  if (at === 0) return '';
  if (!joint) return ', ';
  return ` ${joint.meaning.id === 'inside' && item.meaning.kind === 'scene' ? 'in' : joint.meaning.english} `;
}

function sayNoun({ item, adjectives, count: told }: Noun, isIcon: boolean): string {
  const count = told ?? 1;
  const { kind, english, id } = item.meaning;
  const of = (wanted: string) =>
    adjectives.flatMap(({ meaning }) => (meaning.class === wanted ? [meaning.english] : []));
  const colours = of('colour');
  const isBlend = id === 'gradient' || id === 'radial';
  const noun = count > 1 ? pluralOf(english) : english;
  const words = [
    ...of('size').slice(0, 1),
    ...of('direction').slice(0, 1),
    colours.join(isBlend ? ' to ' : ' and '),
    isIcon ? `${noun} icon` : noun,
  ].filter(Boolean);
  const places = of('place').slice(0, 1);
  return [articleFor(kind, count, words[0] ?? ''), ...words, ...places].filter(Boolean).join(' ');
}

const NUMBERS = ['', '', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

function articleFor(kind: string | null, count: number, first: string): string {
  if (count > 1) return NUMBERS[count] ?? String(count);
  if (kind === 'scene') return 'the';
  if (kind !== 'thing' && kind !== 'icon') return '';
  return /^[aeio]/.test(first) ? 'an' : 'a';
}

function sayGround(colours: readonly KnownItem[]): string[] {
  if (colours.length === 0) return [];
  const names = colours.map(({ meaning }) => meaning.english);
  return [`on ${/^[aeio]/.test(names[0] ?? '') ? 'an' : 'a'} ${names.join(' and ')} background`];
}
