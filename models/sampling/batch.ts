/** Pictures that run together: what belongs to each lies one after the other. */
import { noiseFor } from './noise.js';

/** [pictures, positions, channels] standard normal, each picture's from its own seed alone. */
export function joinNoise(seeds: readonly number[], positions: number, channels: number): Float32Array {
  const noise = new Float32Array(seeds.length * positions * channels);
  seeds.forEach((seed, picture) => {
    noise.set(noiseFor(seed, positions, channels), picture * positions * channels);
  });
  return noise;
}

/** [pictures, ...] -> [...] of each */
export function splitPictures(values: Float32Array, pictures: number): Float32Array[] {
  const length = values.length / pictures;
  return Array.from({ length: pictures }, (_, picture) => values.slice(picture * length, (picture + 1) * length));
}
