/**
 * The crop condition (SWITTI 1.4): a constant of the checkpoint, because the authors' pipeline always says the same four numbers. Its phases
 * reach 11,000 radians, which mean nothing in 16 bits; so it is computed here, in float32 and in their order.
 */
import type { Weight } from '../../onnx/weight.js';
import type { Weights } from '../weights.js';

/** Height and width after scaling, then what was cropped at the top and at the left: of models of 1,024 pixels as well. */
export const CROP = [512, 512, 0, 0] as const;

/** Fourier features, [width]: for each number the sines of its phases, then the cosines. */
export async function cropFeatures(weights: Weights): Promise<Float32Array> {
  const frequencies = await weights.get('crop_embed.weight').load();
  const turn = Math.fround(Math.PI);
  return Float32Array.from(
    CROP.flatMap((number) => {
      const phases = Array.from(frequencies, (one) => Math.fround(Math.fround(Math.fround(number * one) * 2) * turn));
      return [...phases.map(Math.sin), ...phases.map(Math.cos)];
    }),
  );
}

/** [width]: the features behind their layer. */
export function cropCondition(weights: Weights): Weight {
  const bias = weights.get('crop_proj.bias');
  let found: Promise<Float32Array> | undefined;
  const compute = async () => {
    const features = await cropFeatures(weights);
    const matrix = await weights.get('crop_proj.weight').load();
    const start = await bias.load();
    return start.map((first, row) => {
      let sum = first;
      for (let column = 0; column < features.length; column++)
        sum += (matrix[row * features.length + column] as number) * (features[column] as number);
      return sum;
    });
  };
  return {
    shape: bias.shape,
    // Every block wants it.
    load: async () => {
      found ??= compute();
      return (await found).slice();
    },
  };
}
