/** Recipes of precision: how a pack's weights are stored and multiplied, and where that is of use. Data, written into the pack. */
import type { KernelStorage } from '../onnx/ops/kernel.js';
import type { Precision } from '../onnx/ops/linear.js';
import type { Pack } from '../pack.js';

export type StorageName = NonNullable<Pack['precision']>['storage'];

export type Storage = {
  readonly transformer: Precision;
  readonly text: Precision;
  readonly decoder: 'float32' | 'float16';
  /** Of a picture's encoder: a code of fifty is another one with 8 bits, and the picture is as near to its original (RUNTIME). */
  readonly encoder: KernelStorage;
  /** Where it computes as meant; elsewhere it is slow or does not run. */
  readonly providers: NonNullable<Pack['precision']>['providers'];
  readonly summary: string;
};

const EVERYWHERE = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;

/**
 * T5 has activations so large that rounding them to a common scale, or to half precision, destroys them (RUNTIME): its weights
 * alone are rounded, in blocks, whatever the rest has.
 */
export const STORAGE = {
  exact: {
    transformer: 'float32',
    text: 'float32',
    decoder: 'float32',
    encoder: 'float32',
    providers: [...EVERYWHERE],
    summary: 'as trained',
  },
  small: {
    transformer: 'int8-block',
    text: 'int8-block',
    decoder: 'float16',
    encoder: 'int8',
    providers: [...EVERYWHERE],
    summary: 'a quarter of the size, a little less exact',
  },
  fast: {
    transformer: 'int8-dynamic',
    text: 'int8-block',
    decoder: 'float16',
    encoder: 'int8',
    providers: ['cpu'],
    summary: 'small, and the fastest on a CPU',
  },
  half: {
    transformer: 'float16-product',
    text: 'float16',
    decoder: 'float16',
    encoder: 'float16',
    providers: ['cuda', 'webgpu', 'dml'],
    summary: 'half the size, for GPUs',
  },
} as const satisfies Record<StorageName, Storage>;

export const STORAGE_NAMES = Object.keys(STORAGE) as StorageName[];
