/** What it costs to make layers of a picture: `TWOSTEP_BENCH=1 npm test -- --project bench`. Ratios are to writing the same picture as PNG, in the same run. */
import { expect, it } from 'vitest';
import { encodePng, type RgbImage } from '../../models/run/png.js';
import { vectorise } from '../../models/vector/vectorise.js';
import { BLUE, flat, noise, polygon, SCENE, star } from '../support/flat-pictures.js';

const bench = it.skipIf(!process.env['TWOSTEP_BENCH']);
const ROUNDS = 10;

/** Milliseconds of the quickest of some rounds: what else runs on the machine only ever adds. */
function quickest(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    work();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}

bench('a picture as layers', async () => {
  const pictures: [string, RgbImage][] = [
    ['star', await flat(`${BLUE}${polygon(star(5, 100, 45), '#ffd23c')}`)],
    ['scene', await flat(SCENE)],
    ['noise', noise(256, 256)],
  ];
  for (const [name, picture] of pictures) {
    const png = quickest(() => encodePng(picture));
    const traced = quickest(() => vectorise(picture));
    const { layers, points } = vectorise(picture);
    const found = `${layers.length} layers, ${points} points`;
    process.stdout.write(`${name}: ${traced.toFixed(0)} ms, ${(traced / png).toFixed(1)} times a PNG; ${found}\n`);
    expect(Number.isFinite(traced)).toBe(true);
  }
});
