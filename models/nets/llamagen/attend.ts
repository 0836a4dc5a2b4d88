/** Attention of the students: causal over this call's positions, and the condition's stand-in key. */
import type { Value } from '../../onnx/graph.js';
import { add } from '../../onnx/ops/arithmetic.js';
import { concat, transpose } from '../../onnx/ops/arrange.js';
import { matMul } from '../../onnx/ops/network.js';
import { softmax } from '../../onnx/ops/normalize.js';
import type { AttentionInputs } from './trunk.js';

export function attendWithCondition({ queries, keys, values, conditionValue, zeroKey, bias }: AttentionInputs): Value {
  const allKeys = transpose(concat([zeroKey, keys], 2), [0, 1, 3, 2]);
  const scores = add(matMul(queries, allKeys), bias);
  return matMul(softmax(scores, -1), concat([conditionValue, values], 2));
}
