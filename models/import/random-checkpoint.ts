/**
 * Checkpoints of the published layout with random numbers in them: what networks cost does not depend on what they mean.
 * For the bench, and for tests at sizes whose real weights are not at hand.
 */
import type { Checkpoint, Tensor } from '../checkpoint/tensor.js';
import type { TensorTable } from '../nets/weights.js';

/** Tensors under the first of their names, values from the name and `seed` alone. */
export function randomCheckpoint(file: string, table: TensorTable, seed = 0): Checkpoint {
  const tensors = Object.entries(table).map(([key, entry]) => {
    const { names, shape } = 'shape' in entry ? entry : { names: [key], shape: entry };
    return randomTensor(names[0] ?? key, shape, seed);
  });
  return { file, tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])), close: async () => {} };
}

function randomTensor(name: string, shape: readonly number[], seed: number): Tensor {
  return {
    name,
    type: 'f32',
    shape,
    async readFloat32() {
      const values = new Float32Array(shape.reduce((size, length) => size * length, 1));
      // Norms are ones and biases small, products keep the size of what goes in, so that no activation dies or explodes.
      const norm = shape.length === 1 && /norm.*weight$/.test(name);
      const fanIn = shape.length > 1 ? shape.slice(1).reduce((size, length) => size * length, 1) : 100;
      const scale = Math.sqrt(3 / fanIn);
      let state = [...`${seed} ${name}`].reduce(
        (hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16_777_619),
        1,
      );
      // The generator would stay at 0 for ever.
      state ||= 1;
      for (let index = 0; index < values.length; index++) {
        // Marsaglia's xorshift32: fast, and nobody needs more of these numbers than that they differ.
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        values[index] = norm ? 1 : (state / 2 ** 31) * scale;
      }
      return values;
    },
  };
}
