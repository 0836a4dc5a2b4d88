/** What the starter pack draws for words that its training never put together, seen by a small eye (test/support/look.ts). */
import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { qualitiesOf } from '../../../models/qualities.js';
import { createEngine } from '../../../models/run/generate.js';
import { EMBEDDED_PACK } from '../../../server/setup/embed.mjs';
import { inRoot } from '../../../server/setup/paths.mjs';
import { collect, picturesOf } from '../../support/engine-conformance.js';
import { look } from '../../support/look.js';
import { open } from '../../support/random-packs.js';

/** Pairs of colour and shape, or of colour and pattern, that no picture of the training had; and the colours that they ask for. */
const HELD_OUT: readonly (readonly [prompt: string, ...colours: string[]])[] = [
  ['large red check mark on the left on light purple background', 'lavender', 'red'],
  ['A green square on a grey background.', 'gray', 'green'],
  ['a rose sun against a lilac backdrop', 'lavender', 'pink'],
  ['mint dots on pink background', 'pink', 'mint'],
  ['Blobs In Dark Blue And White', 'white', 'navy'],
  ['minimalist emerald and teal layered waves', 'teal', 'green'],
  ['a chocolate maroon gradient background', 'brown', 'maroon'],
  ['a tiny black tree at the right on a plain white background', 'white', 'black'],
  ['flat white triangle left of a dark blue mug with a turquoise background', 'teal', 'white'],
  ['A terrazzo pattern in pink and grey.', 'pink', 'gray'],
];

it('the starter pack shows the colours that ten unseen prompts ask for', async () => {
  const opened = await open(inRoot(EMBEDDED_PACK));
  const engine = createEngine(opened);
  const schedule = qualitiesOf(opened.pack).fine!;
  const wrong: string[] = [];
  for (const [prompt, ...colours] of HELD_OUT) {
    const [picture] = picturesOf(
      await collect(engine, {
        prompt,
        pack: opened.pack.id,
        seeds: [1],
        schedule,
        sampling: null,
        size: { width: 256, height: 256 },
        format: 'png',
        draft: false,
      }),
    );
    const seen = look(decode(picture!.bytes).data, 256, 256);
    if (!colours.every((colour) => seen.colours.includes(colour))) wrong.push(`${prompt}: ${seen.colours.join(', ')}`);
  }
  // All ten where it was recorded; processors round differently, and a code that tips may change a picture.
  expect(wrong.length, wrong.join('; ')).toBeLessThanOrEqual(2);
}, 200_000);
