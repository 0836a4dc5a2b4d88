/** Products with weights, convolution, rotary positions, choice of the largest. */
import type { Dimension } from '../dimension.js';
import type { Value } from '../graph.js';
import { concat } from './arrange.js';
import {
  broadcastShapes,
  FLOATS,
  fail,
  fixedLength,
  INDICES,
  requireRank,
  requireShape,
  requireType,
  resolveAxis,
  single,
} from './check.js';

/** `[..., m, k] x [..., k, n]` -> `[..., m, n]`, 2 to 4 axes; the leading ones broadcast. */
export function matMul(a: Value, b: Value): Value {
  const values = [a, b];
  const type = requireType('matMul', values, FLOATS);
  for (const value of values) requireRank('matMul', value, 2, 4);
  const [m, inner] = a.shape.slice(-2) as [Dimension, Dimension];
  const [rows, n] = b.shape.slice(-2) as [Dimension, Dimension];
  if (inner !== rows) fail('matMul', values, `the inner lengths ${inner} and ${rows} differ`);
  const leading = broadcastShapes('matMul', values, [a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  return single(a.graph.node('MatMul', values, [{ type, shape: [...leading, m, n] }]));
}

export interface ConvOptions {
  bias?: Value;
  stride?: number;
  /** Rows and columns of zeros: one number for all sides, or top, left, bottom, right. */
  padding?: number | readonly [number, number, number, number];
}

/** `x` [B, in, height, width] by `weight` [out, in, rows, columns] -> [B, out, height', width']. */
export function conv(x: Value, weight: Value, { bias, stride = 1, padding = 0 }: ConvOptions = {}): Value {
  const values = bias ? [x, weight, bias] : [x, weight];
  const type = requireType('conv', values, FLOATS);
  for (const value of [x, weight]) requireRank('conv', value, 4);
  const [out, channels, rows, columns] = [0, 1, 2, 3].map((axis) => fixedLength('conv', weight, axis)) as [
    number,
    number,
    number,
    number,
  ];
  if (x.shape[1] !== channels) fail('conv', values, `the input has ${x.shape[1]} channels, the weight ${channels}`);
  if (bias) requireShape('conv', bias, [out], 'bias');
  const [top, left, bottom, right] = typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
  const length = (axis: number, before: number, after: number, kernel: number) => {
    const result = Math.floor((fixedLength('conv', x, axis) + before + after - kernel) / stride) + 1;
    return result > 0 ? result : fail('conv', values, `axis ${axis} with its padding is shorter than the kernel`);
  };
  const shape = [x.shape[0] as Dimension, out, length(2, top, bottom, rows), length(3, left, right, columns)];
  const attributes = {
    kernel_shape: { ints: [rows, columns] },
    pads: { ints: [top, left, bottom, right] },
    strides: { ints: [stride, stride] },
  };
  return single(x.graph.node('Conv', values, [{ type, shape }], { attributes }));
}

/** Each pixel of `x` [B, channels, height, width] becomes `factor` x `factor` pixels. */
export function resizeNearest(x: Value, factor: number): Value {
  requireType('resizeNearest', [x], FLOATS);
  requireRank('resizeNearest', x, 4);
  const [batch, channels] = x.shape as [Dimension, Dimension];
  const shape = [batch, channels, ...[2, 3].map((axis) => fixedLength('resizeNearest', x, axis) * factor)];
  const scales = x.graph.constant('float32', [4], [1, 1, factor, factor]);
  const attributes = {
    mode: { string: 'nearest' },
    nearest_mode: { string: 'floor' },
    coordinate_transformation_mode: { string: 'asymmetric' },
  };
  return single(x.graph.node('Resize', [x, undefined, scales], [{ type: x.type, shape }], { attributes }));
}

/**
 * Four pictures [B, channels, height, width], of the pixels at even rows and even columns, even and odd, odd and even, odd and
 * odd, become one [B, channels, 2 * height, 2 * width].
 */
export function interleave(phases: readonly [Value, Value, Value, Value]): Value {
  const type = requireType('interleave', phases, FLOATS);
  const [first] = phases;
  requireRank('interleave', first, 4);
  for (const phase of phases) requireShape('interleave', phase, first.shape, 'phases');
  const stacked = concat(phases, 1);
  const shape = [...first.shape.slice(0, 2), ...[2, 3].map((axis) => fixedLength('interleave', first, axis) * 2)];
  const attributes = { blocksize: { int: 2 }, mode: { string: 'DCR' } };
  return single(first.graph.node('DepthToSpace', [stacked], [{ type, shape }], { attributes }));
}

/**
 * Turns the pairs (0,1), (2,3), ... of each head by the angle of its position. `x` [B, S, heads * head] with `heads` given,
 * or [B, heads, S, head]; `start` int64 [1], the first row's position (or [B, S], each row's); `cos` and `sin`
 * [positions, head / 2]. A table row of zeros gives zeros.
 */
export function rotaryEmbedding(
  x: Value,
  { start, cos, sin, heads }: { start: Value; cos: Value; sin: Value; heads?: number },
): Value {
  const values = [x, start, cos, sin];
  const type = requireType('rotaryEmbedding', [x, cos, sin], FLOATS);
  requireType('rotaryEmbedding', [start], ['int64']);
  requireRank('rotaryEmbedding', x, 3, 4);
  requireRank('rotaryEmbedding', start, 1, 2);
  requireRank('rotaryEmbedding', cos, 2);
  if (start.shape.length === 1) requireShape('rotaryEmbedding', start, [1], 'position of the first row');
  const half = fixedLength('rotaryEmbedding', cos, 1);
  requireShape('rotaryEmbedding', sin, cos.shape, 'sine table');
  const width = fixedLength('rotaryEmbedding', x, -1);
  const count = x.shape.length === 4 ? fixedLength('rotaryEmbedding', x, 1) : heads;
  if (count === undefined) return fail('rotaryEmbedding', values, 'three axes need the number of heads');
  const head = x.shape.length === 4 ? width : width / count;
  if (head !== half * 2) fail('rotaryEmbedding', values, `a head is ${head} wide, the tables are for ${half * 2}`);
  const attributes = { interleaved: { int: 1 }, num_heads: { int: count } };
  return single(
    x.graph.node('RotaryEmbedding', values, [{ type, shape: x.shape }], { domain: 'com.microsoft', attributes }),
  );
}

/** Index of the largest along an axis, the first where several are equal; int64, without that axis unless `keep`. */
export function argMax(x: Value, axis = -1, { keep = false }: { keep?: boolean } = {}): Value {
  requireType('argMax', [x], [...FLOATS, ...INDICES]);
  const at = resolveAxis('argMax', x, axis);
  const shape = keep ? x.shape.with(at, 1) : x.shape.filter((_, place) => place !== at);
  const attributes = { axis: { int: at }, keepdims: { int: keep ? 1 : 0 } };
  return single(x.graph.node('ArgMax', [x], [{ type: 'int64', shape }], { attributes }));
}
