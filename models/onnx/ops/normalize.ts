/** Sums over an axis: softmax, means and normalisations. */
import type { Dimension } from '../dimension.js';
import type { Value } from '../graph.js';
import { add, mul } from './arithmetic.js';
import { reshape } from './arrange.js';
import {
  FLOATS,
  fail,
  fixedLength,
  requireRank,
  requireShape,
  requireType,
  resolveAxis,
  sameShape,
  single,
} from './check.js';

export function softmax(x: Value, axis = -1): Value {
  requireType('softmax', [x], FLOATS);
  const attributes = { axis: { int: resolveAxis('softmax', x, axis) } };
  return single(x.graph.node('Softmax', [x], [x], { attributes }));
}

/** Mean over some axes; `keep` leaves them with length 1. */
export function reduceMean(x: Value, axes: readonly number[], { keep = false }: { keep?: boolean } = {}): Value {
  requireType('reduceMean', [x], FLOATS);
  const places = axes.map((axis) => resolveAxis('reduceMean', x, axis));
  const shape = keep
    ? x.shape.map((length, axis): Dimension => (places.includes(axis) ? 1 : length))
    : x.shape.filter((_, axis) => !places.includes(axis));
  const constant = x.graph.constant('int64', [places.length], places);
  const attributes = { keepdims: { int: keep ? 1 : 0 } };
  return single(x.graph.node('ReduceMean', [x, constant], [{ type: x.type, shape }], { attributes }));
}

/** Root-mean-square norm over the last axis: `scale * x / sqrt(mean(x^2) + epsilon)`. */
export function simplifiedLayerNorm(x: Value, scale: Value, epsilon: number): Value {
  requireType('simplifiedLayerNorm', [x, scale], FLOATS);
  requireShape('simplifiedLayerNorm', scale, [x.shape.at(-1) ?? 1], 'scale');
  const attributes = { axis: { int: -1 }, epsilon: { float: epsilon }, stash_type: { int: 1 } };
  return single(x.graph.node('SimplifiedLayerNormalization', [x, scale], [x], { attributes }));
}

/** The norm of `x + skip`, and that sum: one pass over the residual stream instead of two. `x` has 3 axes, or 2. */
export function skipSimplifiedLayerNorm(
  x: Value,
  skip: Value,
  scale: Value,
  epsilon: number,
): { output: Value; sum: Value } {
  const values = [x, skip, scale];
  const type = requireType('skipSimplifiedLayerNorm', values, FLOATS);
  requireRank('skipSimplifiedLayerNorm', x, 2, 3);
  if (!sameShape(x.shape, skip.shape))
    fail('skipSimplifiedLayerNorm', values, 'what is added must have the same shape');
  requireShape('skipSimplifiedLayerNorm', scale, [x.shape.at(-1) ?? 1], 'scale');
  const result = { type, shape: x.shape };
  const [output, sum] = x.graph.node(
    'SkipSimplifiedLayerNormalization',
    values,
    [result, undefined, undefined, result],
    {
      domain: 'com.microsoft',
      attributes: { epsilon: { float: epsilon } },
    },
  );
  return { output: output as Value, sum: sum as Value };
}

/**
 * Norm over the last axis; without `scale` and `bias` there is no affine part. Ones and zeros stand in for them: ONNX lets
 * the bias be left out, but ONNX Runtime 1.30 then dies of a segmentation fault when it loads the graph (SkipLayerNormFusion).
 */
export function layerNorm(x: Value, options: { epsilon: number; scale?: Value; bias?: Value }): Value {
  const { epsilon } = options;
  requireType('layerNorm', [x], FLOATS);
  const width = fixedLength('layerNorm', x, -1);
  const same = (value: number) => x.graph.constant(x.type, [width], new Array<number>(width).fill(value));
  const { scale = same(1), bias = same(0) } = options;
  for (const value of [scale, bias]) requireShape('layerNorm', value, [width], 'scale or bias');
  const attributes = { axis: { int: -1 }, epsilon: { float: epsilon }, stash_type: { int: 1 } };
  return single(x.graph.node('LayerNormalization', [x, scale, bias], [x], { attributes }));
}

/** Norm of each channel of each picture, `x` [B, channels, ...]; `scale` and `bias` [channels]. */
export function instanceNormalization(x: Value, scale: Value, bias: Value, epsilon: number): Value {
  requireType('instanceNormalization', [x, scale, bias], FLOATS);
  requireRank('instanceNormalization', x, 3, 5);
  for (const value of [scale, bias])
    requireShape('instanceNormalization', value, [x.shape[1] as Dimension], 'scale or bias');
  const attributes = { epsilon: { float: epsilon } };
  return single(x.graph.node('InstanceNormalization', [x, scale, bias], [x], { attributes }));
}

/**
 * Norm over groups of channels, `x` [B, channels, height, width] with fixed lengths but B; `scale` and `bias` [channels].
 * Written as an instance norm over groups, because GroupNormalization puts shape nodes on the CPU under WebGPU.
 */
export function groupNormalization(
  x: Value,
  { groups, epsilon, scale, bias }: { groups: number; epsilon: number; scale: Value; bias: Value },
): Value {
  requireRank('groupNormalization', x, 4);
  const [channels, height, width] = [1, 2, 3].map((axis) => fixedLength('groupNormalization', x, axis)) as [
    number,
    number,
    number,
  ];
  if (channels % groups !== 0) fail('groupNormalization', [x], `${channels} channels are not ${groups} groups`);
  for (const value of [scale, bias]) requireShape('groupNormalization', value, [channels], 'scale or bias');
  const same = (value: number) => x.graph.constant(x.type, [groups], new Array<number>(groups).fill(value));
  const grouped = reshape(x, [0, groups, -1]);
  const normal = reshape(instanceNormalization(grouped, same(1), same(0), epsilon), [0, channels, height, width]);
  return add(mul(normal, reshape(scale, [channels, 1, 1])), reshape(bias, [channels, 1, 1]));
}
