/** Checkpoints that no file holds: tensors of given shapes with small deterministic values, and changes to real ones. */
import type { Checkpoint, Tensor } from '../../models/checkpoint/tensor.js';

/** Values in -scale..scale that look random and depend on the tensor's name alone. */
export function fakeTensor(name: string, shape: readonly number[], scale = 0.2): Tensor {
  return {
    name,
    type: 'f32',
    shape,
    readFloat32: async () => {
      let state = [...name].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0, 7);
      return Float32Array.from({ length: shape.reduce((size, length) => size * length, 1) }, () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return (state / 2 ** 31 - 1) * scale;
      });
    },
  };
}

export function fakeCheckpoint(shapes: Readonly<Record<string, readonly number[]>>, file = 'made-up.pt'): Checkpoint {
  return checkpointOf(
    Object.entries(shapes).map(([name, shape]) => fakeTensor(name, shape)),
    file,
  );
}

/** A checkpoint whose tensors are renamed, or left out where `rename` gives undefined. */
export function renameTensors(checkpoint: Checkpoint, rename: (name: string) => string | undefined): Checkpoint {
  const tensors = [...checkpoint.tensors.values()].flatMap((tensor) => {
    const name = rename(tensor.name);
    return name === undefined
      ? []
      : [{ name, type: tensor.type, shape: tensor.shape, readFloat32: () => tensor.readFloat32() }];
  });
  return checkpointOf(tensors, checkpoint.file);
}

function checkpointOf(tensors: readonly Tensor[], file: string): Checkpoint {
  return { file, tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])), close: async () => {} };
}
