/** A5: what is meant to be one colour is one, and is the one that was asked for; layers are called what they are. */
import { describe, expect, it } from 'vitest';
import { vectorise } from '../../../models/vector/vectorise.js';
import type { Vectors } from '../../../models/vector/vectors.js';
import { readFlat, told } from '../../support/flat-files.js';
import { flat } from '../../support/flat-pictures.js';

const fillsOf = ({ layers }: Vectors) =>
  layers.map(({ fill }) => (fill.kind === 'solid' ? fill.colour.join() : 'gradient'));

describe('colours of layers', () => {
  it.each(['a-yellow-sun-icon-2', 'a-yellow-sun-icon-4'])(
    '%s: disc and rays are of one yellow, the one of the prompt',
    async (name) => {
      const picture = await readFlat(name);
      const [background, ...sun] = fillsOf(vectorise(picture, told('a yellow sun icon')));
      expect(sun.length).toBeGreaterThanOrEqual(9);
      expect(new Set(sun)).toEqual(new Set(['255,203,46']));
      expect(background).not.toBe('255,203,46');
      // Without a name they are one all the same.
      expect(new Set(fillsOf(vectorise(picture)).slice(1)).size).toBe(1);
    },
  );

  it('three white dots are white', async () => {
    const picture = await readFlat('three-white-dots-on-a-purple-background-4');
    const fills = fillsOf(vectorise(picture, told('three white dots on a purple background')));
    expect(fills).toEqual(['122,63,194', '255,255,255', '255,255,255', '255,255,255']);
  });

  it('stay two where two that touch would become one', async () => {
    const picture = await flat(
      '<rect width="256" height="256" fill="#2f6bed"/><rect x="40" y="40" width="90" height="150" fill="#e63946"/><rect x="130" y="40" width="90" height="150" fill="#c4202e"/>',
    );
    const fills = fillsOf(vectorise(picture, told('two red squares on blue')));
    expect(new Set(fills).size).toBe(3);
  });

  it('are not those of words that nobody said', async () => {
    const picture = await flat(
      '<rect width="256" height="256" fill="#2b6cf0"/><circle cx="128" cy="128" r="60" fill="#fc3"/>',
    );
    expect(fillsOf(vectorise(picture, told('a sun')))).toEqual(fillsOf(vectorise(picture)));
  });
});

describe('colours of a prompt', () => {
  const inPrompt = (prompt: string) => told(prompt).said.map(({ name }) => name);
  it('are whole words, the longer name first, in every language of the vocabulary', () => {
    expect(inPrompt('a light blue star on navy').sort()).toEqual(['light blue', 'navy']);
    expect(inPrompt('ein gelber Stern')).toEqual(['yellow']);
    expect(inPrompt('covered in tiredness')).toEqual([]);
  });
});

describe('names of layers', () => {
  it('say what is the background, what is a shape, and what the picture is of', async () => {
    const picture = await flat(
      '<rect width="256" height="256" fill="#8fd0f7"/><circle cx="120" cy="110" r="60" fill="#ffcb2e"/><rect x="20" y="190" width="40" height="40" fill="#e63946"/><path d="M150 240L240 240L195 170Z" fill="#2e9e5b"/>',
    );
    const names = (prompt: string) => vectorise(picture, told(prompt)).layers.map(({ name }) => name);
    expect(names('yellow')).toEqual(['light blue background', 'yellow circle', 'green triangle', 'red square']);
    expect(names('a yellow sun')).toEqual(['light blue background', 'yellow sun', 'green triangle', 'red square']);
  });
});
