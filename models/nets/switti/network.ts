/** Switti's transformer, taken from its checkpoint. */
import type { Checkpoint } from '../../checkpoint/tensor.js';
import type { Precision } from '../../onnx/ops/linear.js';
import { takeWeights, type Weights } from '../weights.js';
import { DERIVED, NETWORK, type SwittiConfig, swittiTable } from './config.js';

export type SwittiNetwork = {
  readonly config: SwittiConfig;
  readonly weights: Weights;
  /** How the weights of the matrix products are stored. */
  readonly precision: Precision;
};

/** @throws NetworkError that lists what does not fit */
export const takeSwitti = (checkpoint: Checkpoint, config: SwittiConfig): Weights =>
  takeWeights(checkpoint, swittiTable(config), { network: NETWORK, ignore: DERIVED });
