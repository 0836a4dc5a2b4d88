/** Case A1: prompts as designers type them. For each, what has to be said with the starter's vocabulary. None is silent. */
import { describe, expect, it } from 'vitest';
import { readPrompt } from '../../../models/run/vocabulary/read.js';
import { describeReading, describeUnknown, isWhole } from '../../../models/run/vocabulary/remarks.js';
import { SHAPES } from './shapes-vocabulary.js';

/** What the text encoder reads, or null where nothing is drawn; then what is said not to be understood. */
type Row = readonly [prompt: string, drawn: string | null, unknown: string];

const ROWS: readonly Row[] = [
  ['a cute fox', null, 'fox'],
  ['shopping cart icon, outline, 24px', null, 'shopping cart outline 24px'],
  ['search icon', null, 'search'],
  ['person working on laptop, flat illustration, pastel', 'person, flat illustration', 'working laptop pastel'],
  ['user profile avatar, purple', 'user profile, purple', 'avatar'],
  ['black and white checkerboard', 'black and white checkerboard', ''],
  ['mesh gradient peach, lilac, mint', 'mesh gradient, lilac, mint', 'peach'],
  ['sale badge 50% off', 'badge', 'sale 50% off'],
  ['photo of a smiling businesswoman', null, 'photo smiling businesswoman'],
  ['avocado toast', null, 'avocado toast'],
  ['logo for a coffee shop called Bean', null, 'logo coffee shop called Bean'],
  ['sunset over the ocean with palm trees', 'sunset over the ocean with trees', 'palm'],
  ['green hills with a house and a tree', 'green hills with a house and a tree', ''],
  ['purpel hart icon', 'purple heart icon', ''],
  ['Berge bei Nacht', 'the mountains at night', ''],
  ['not a red star', null, ''],
  ['two hearts', 'two hearts', ''],
  ['404 page illustration', null, '404 page'],
  ['watercolor flowers', 'flowers', 'watercolor'],
  ['speech bubble icon green', 'speech bubble icon green', ''],
  ['playing card ace of hearts', 'hearts', 'playing card ace'],
  ['heart', 'heart', ''],
  ['isometric office', null, 'isometric office'],
  ['settings gear icon flat minimal', null, 'settings gear'],
  ['bell notification icon with red dot', 'red dot', 'bell notification'],
  ['team meeting illustration, corporate memphis', null, 'team meeting corporate memphis'],
  ['seamless floral pattern, pastel', null, 'seamless floral pattern pastel'],
  ['polka dots on yellow', 'polka dots on yellow', ''],
  ['dark mode background with subtle glow', 'background with glow', 'dark mode subtle'],
  ['gold award badge with star', 'yellow badge with star', 'award'],
  ['photo of a mountain lake at sunrise', 'a mountain at sunrise', 'photo lake'],
  ['mobile app login screen UI mockup', null, 'mobile app login screen UI mockup'],
  ['minimal logo, letter T, green', null, 'logo letter T'],
  ['city skyline at night', 'city skyline at night', ''],
  ['rocket ship launching', null, 'rocket ship launching'],
  ['ein rotes Herz auf blauem Hintergrund', 'a red heart on a blue background', ''],
  ['no people, empty beach', null, 'empty beach'],
  ['five red stars', 'three red stars', ''],
  ['10 small dots', 'small dots', '10'],
  ['cat', null, 'cat'],
  ['3d render of a sphere, glossy', null, '3d render sphere glossy'],
  ['pine tree forest at dusk', 'tree forest at dusk', 'pine'],
  ['christmas tree with star on top', 'tree with star on top', 'christmas'],
  ['home icon', 'home icon', ''],
  ['set of 4 weather icons', null, 'set 4 weather'],
  ['hero illustration for a fintech landing page', null, 'hero fintech landing page'],
  ['avatar of a woman with curly hair', null, 'avatar woman curly hair'],
  ['terrazzo pattern in pink and mint', 'terrazzo pattern in pink and mint', ''],
  ['blue to purple gradient', 'blue to purple gradient', ''],
  ['abstract wavy background teal', 'background teal', 'abstract wavy'],
  ['verified badge blue checkmark', 'badge blue checkmark', 'verified'],
  ['bowl of ramen, food photography', null, 'bowl ramen food photography'],
  ['dashboard with charts', null, 'dashboard charts'],
  ['mountain logo', 'mountain', 'logo'],
  ['snowy mountains, flat, minimal, pastel', 'snowy mountains, flat, minimal', 'pastel'],
  ['a yelow sun over bleu hills', 'a yellow sun over blue hills', ''],
  ['青い背景に黄色い星', 'a yellow star on a blue background', ''],
  ['a circle without any colour', 'a circle', ''],
  ['four circles in a row', 'three circles in a row', ''],
  ['empty state illustration, no results found', null, 'empty state'],
  ['golden retriever puppy', null, 'retriever puppy'],
  ['line art plant', null, 'line plant'],
  ['white arrow on black circle', 'white arrow on black circle', ''],
  ['a big red heart left and a small blue star right', 'a big red heart left and a small blue star right', ''],
];

describe('A1: the 64 prompts of designers', () => {
  it('are all here', () => expect(ROWS.length).toBe(64));

  it.each(ROWS)('%s', (prompt, drawn, unknown) => {
    const reading = readPrompt(prompt, SHAPES);
    expect(reading.unknown.map(({ text }) => text).join(' ')).toBe(unknown);
    expect(reading.says ? reading.drawn : null).toBe(drawn);
    // What is understood whole is drawn by the person's own words, to the letter.
    if (isWhole(reading) && reading.language === 'en') expect(reading.drawn).toBe(prompt);
    const said = drawn === null ? describeUnknown(reading, SHAPES) : describeReading(reading, SHAPES);
    for (const { text } of reading.unknown) expect(said).toContain(text);
    expect(said).toMatch(drawn === null ? /^Nothing was drawn/ : /^Drew: \S/);
  });

  it('says what it mended, left out and can not count', () => {
    const said = (prompt: string) => describeReading(readPrompt(prompt, SHAPES), SHAPES);
    expect(said('a yelow sun over bleu hills')).toContain('Read as: yelow -> yellow.');
    expect(said('a circle without any colour')).toBe('Drew: circle. Left out: "without any colour".');
    expect(said('five red stars')).toBe('Drew: star, red. It draws at most 3 of a thing, so not 5.');
    expect(said('a large yellow star and a fox')).toBe('Drew: star, yellow, large. Not understood: fox.');
    expect(said('ein rotes Herz')).toBe('Drew: Herz, rot. In English: a red heart.');
    expect(describeUnknown(readPrompt('not a red star', SHAPES), SHAPES)).toContain('Left out: "not a red star".');
  });
});
