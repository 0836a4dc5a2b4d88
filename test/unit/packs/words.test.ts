/** Case A1 in the pipeline, with the pack that comes along: what is understood is drawn, in every language, and nothing else is. */

import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { defaultSchedule } from '../../../models/families/packs.js';
import { REQUEST_DEFAULTS } from '../../../models/protocol.js';

import { createEngine } from '../../../models/run/generate.js';
import { EMBEDDED_PACK } from '../../../scripts/embed.mjs';
import { inRoot } from '../../../scripts/paths.mjs';
import { collect, picturesOf } from '../../support/engine-conformance.js';
import { look } from '../../support/look.js';
import { open } from '../../support/random-packs.js';

const opened = open(inRoot(EMBEDDED_PACK));

async function draw(prompt: string, force = false) {
  const { pack, ...rest } = await opened;
  return collect(createEngine({ pack, ...rest }), {
    ...REQUEST_DEFAULTS,
    prompt,
    force,
    pack: pack.id,
    seeds: [3],
    schedule: defaultSchedule(pack),
    size: { width: 256, height: 256 },
  });
}
const pixels = async (prompt: string) => {
  const [picture] = picturesOf(await draw(prompt));
  if (!picture) throw new Error(`nothing was drawn for "${prompt}"`);
  return decode(picture.bytes).data;
};

describe('the starter pack', () => {
  it('draws a red heart on blue for words of other languages', async () => {
    for (const prompt of [
      'a red heart on a blue background',
      'ein rotes Herz auf blauem Hintergrund',
      'un cœur rouge sur fond bleu',
      'un corazón rojo sobre fondo azul',
      '青い背景に赤いハート',
    ]) {
      const seen = look(await pixels(prompt), 256, 256);
      expect(seen.ground, prompt).toBe('blue');
      expect(seen.colours, prompt).toContain('red');
    }
  }, 120_000);

  it('draws misspelt words as they are meant, and leaves out what it does not understand', async () => {
    const bytes = async (prompt: string) => Buffer.from(await pixels(prompt));
    const plain = await bytes('a purple heart');
    expect(plain.equals(await bytes('a purpel hart'))).toBe(true);
    expect(plain.equals(await bytes('a purple heart and a zeppelin'))).toBe(true);
  }, 60_000);

  it('says so in a warning, and draws nothing where nothing is understood', async () => {
    const events = await draw('a purple heart and a zeppelin');
    expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
      { code: 'unknown-words', message: 'Drew: heart, purple. Not understood: zeppelin.', reading: { says: true } },
    ]);
    const refused = await draw('quantum entanglement');
    expect(refused.map(({ type }) => type).filter((type) => type !== 'progress')).toEqual(['error']);
    expect(refused.at(-1)).toMatchObject({ code: 'unknown-words', reading: { says: false } });
    const forced = await draw('quantum entanglement', true);
    expect(picturesOf(forced)).toHaveLength(1);
    expect((await draw('  ')).at(-1)).toMatchObject({ code: 'empty-prompt' });
  }, 60_000);
});
