/**
 * 400 pictures of the starter pack, for measures that want many: drawn once, in a process that gives way to others, and kept outside the
 * repository (TWOSTEP_PICTURES, else the system's folder for temporary files).
 */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { defaultSchedule } from '../../models/families/packs.js';
import { REQUEST_DEFAULTS } from '../../models/protocol.js';

import { createEngine } from '../../models/run/generate.js';
import type { RgbImage } from '../../models/run/png.js';
import { EMBEDDED_PACK } from '../../scripts/embed.mjs';
import { inRoot } from '../../scripts/paths.mjs';
import { collect, picturesOf } from './engine-conformance.js';
import { open } from './random-packs.js';

/** All kinds of scenes that it was taught: things, pairs, rows, icons, badges, landscapes, things in them, grounds and patterns. */
export const STARTER_PROMPTS = [
  'a yellow sun icon',
  'a red house on a hill',
  'a house icon',
  'three red hearts in a row',
  'a large yellow star above a green square',
  'a white cloud on blue',
  'purple badge with a white lightning bolt',
  'a black moon on a yellow background',
  'sunset over the sea',
  'mountains at night',
  'desert with cactus',
  'city at night',
  'green hills',
  'forest in the evening',
  'a pink flower on a white background',
  'a blue drop to the left of an orange circle',
  'three white dots on a purple background',
  'a small red circle in the top left corner',
  'a speech bubble icon',
  'person icon, teal',
  'a green tree on a beige background',
  'an orange ring on navy',
  'a white check mark on a green circle',
  'two blue stars side by side',
  'a brown house to the right of a green tree',
  'a lavender heart inside a maroon square',
  'a gray arrow on white',
  'a mint leaf on black',
  'a red cross icon',
  'three triangles in a column, teal on white',
  'a yellow moon over the mountains at night',
  'a white house by the sea at sunset',
  'a hexagon, light blue on navy',
  'a black cloud icon',
  'polka dots on yellow',
  'blue and white stripes',
  'teal blobs',
  'soft lavender gradient',
  'navy and yellow triangles',
  'orange badge with a white star',
] as const;

export const STARTER_SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;

export type StarterPicture = { readonly name: string; readonly image: RgbImage };

/** Missing pictures are drawn first: a second for each on two processor cores. */
export async function* starterPictures(prompts: readonly string[] = STARTER_PROMPTS): AsyncGenerator<StarterPicture> {
  const opened = await open(inRoot(EMBEDDED_PACK));
  const { pack } = opened;
  // Another pack draws other pictures.
  const drawnBy = createHash('sha256').update(JSON.stringify(pack.files)).digest('hex').slice(0, 12);
  const folder = join(process.env['TWOSTEP_PICTURES'] ?? join(tmpdir(), 'twostep-pictures'), drawnBy);
  await mkdir(folder, { recursive: true });
  setPriority(constants.priority.PRIORITY_LOW);
  const engine = createEngine(opened);
  for (const prompt of prompts) {
    const slug = prompt.replace(/\W+/g, '-');
    const file = (seed: number) => join(folder, `${slug}-${seed}.png`);
    const missing = STARTER_SEEDS.filter((seed) => !existsSync(file(seed)));
    // One by one: together a picture that repeats another would take the next seed.
    for (const wanted of missing)
      for (const { seed, bytes } of picturesOf(
        await collect(engine, {
          ...REQUEST_DEFAULTS,
          prompt,
          pack: pack.id,
          seeds: [wanted],
          schedule: defaultSchedule(pack),
          size: { width: 256, height: 256 },
        }),
      )) {
        await writeFile(`${file(seed)}.part`, bytes);
        await rename(`${file(seed)}.part`, file(seed));
      }
    for (const seed of STARTER_SEEDS) {
      const { width, height, data } = decode(await readFile(file(seed)));
      yield { name: `${slug}-${seed}`, image: { width, height, rgb: Uint8Array.from(data) } };
    }
  }
}
