/**
 * How many regions of 400 pictures of the starter pack are lost as layers: `TWOSTEP_BENCH=1 npm test -- --project bench test/bench/vector-regions`. The first time
 * it draws them, which takes some minutes.
 */
import { expect, it } from 'vitest';
import { render } from '../../models/vector/render.js';
import { suits } from '../../models/vector/suits.js';
import { vectorise } from '../../models/vector/vectorise.js';
import { lostRegions } from '../support/count-regions.js';
import { starterPictures } from '../support/starter-pictures.js';

const bench = it.skipIf(!process.env['TWOSTEP_BENCH']);

bench('regions of 400 pictures', async () => {
  const sums = { pictures: 0, regions: 0, lost: 0, said: 0, inSilence: 0, unfit: 0 };
  const times: number[] = [];
  for await (const { name, image } of starterPictures()) {
    const began = process.cpuUsage().user;
    const vectors = vectorise(image);
    times.push((process.cpuUsage().user - began) / 1000);
    const { width, height, layers } = vectors;
    const { regions, lost } = lostRegions(image, { width, height, rgb: render(layers, width, height) });
    sums.pictures += 1;
    sums.regions += regions;
    sums.lost += lost.length;
    sums.said += vectors.lost;
    if (suits(vectors) !== 'yes') sums.unfit += 1;
    else if (lost.length > 0) sums.inSilence += lost.length;
    if (lost.length > 0) process.stdout.write(`${name}: ${JSON.stringify(lost)}, said ${vectors.lost}\n`);
  }
  times.sort((a, b) => a - b);
  const [middle, slow] = [times[times.length >> 1], times[Math.floor(0.95 * times.length)]];
  process.stdout.write(`${JSON.stringify(sums)}; ms of CPU: median ${middle}, 95 % below ${slow}\n`);
  expect(sums.inSilence / sums.regions).toBeLessThan(0.01);
});
