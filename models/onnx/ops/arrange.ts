/** Moving data: shape, order, parts. Result shapes are worked out over symbols; what can't be is stated by the caller. */
import {
  addDimensions,
  countElements,
  type Dimension,
  divideDimensions,
  formatShape,
  normalizeDimension,
  type Shape,
  subtractDimensions,
} from '../dimension.js';
import type { Value } from '../graph.js';
import { fail, fixedLength, INDICES, requireShape, requireType, resolveAxis, sameShape, single } from './check.js';

/**
 * The same elements under another shape. Numbers are lengths, 0 copies the input's length at that place, -1 is what is left,
 * symbols are lengths: `reshape(x, ['B*S', 4, -1])`. At most one length may be left to the runtime, so a shape with
 * two symbols that the input does not have at these places needs `by`, int64 values [rank] that hold it (0 and -1 mean the same).
 */
export function reshape(x: Value, shape: Shape, by?: Value): Value {
  const values = by ? [x, by] : [x];
  const lengths: Dimension[] = shape.map((length, axis) =>
    length === 0 ? (x.shape[axis] ?? fail('reshape', values, `there is no axis ${axis} to copy`)) : length,
  );
  const rest = lengths.indexOf(-1);
  const total = countElements(x.shape);
  if (rest >= 0) {
    const others = countElements(lengths.filter((_, axis) => axis !== rest));
    lengths[rest] =
      divideDimensions(total, others) ??
      fail('reshape', values, `${total} elements can not be divided by the other lengths of ${formatShape(shape)}`);
  }
  const result = lengths.map(normalizeDimension);
  if (countElements(result) !== total)
    fail('reshape', values, `${formatShape(result)} holds ${countElements(result)} elements, not ${total}`);
  if (by) {
    requireType('reshape', [by], ['int64']);
    requireShape('reshape', by, [shape.length], 'shape that is computed');
    return single(x.graph.node('Reshape', [x, by], [{ type: x.type, shape: result }]));
  }
  let open = 0;
  const target = result.map((length, axis) => {
    if (typeof length === 'number') return length;
    if (length === x.shape[axis]) return 0;
    open += 1;
    return -1;
  });
  if (open > 1) fail('reshape', values, `more than one length of ${formatShape(result)} is known only at run time`);
  const constant = x.graph.constant('int64', [target.length], target);
  return single(x.graph.node('Reshape', [x, constant], [{ type: x.type, shape: result }]));
}

/** The same value under a shape that the caller knows better; fixed lengths must not be contradicted. Adds no node. */
export function stateShape(x: Value, shape: Shape): Value {
  const stated = shape.map(normalizeDimension);
  const contradicts = (a: Dimension, b: Dimension | undefined) =>
    typeof a === 'number' && typeof b === 'number' && a !== b;
  if (stated.length !== x.shape.length || stated.some((length, axis) => contradicts(length, x.shape[axis])))
    fail('stateShape', [x], `it can not have the shape ${formatShape(stated)}`);
  return Object.freeze({ ...x, shape: stated });
}

/** Axis i of the result is axis `order[i]` of `x`. */
export function transpose(x: Value, order: readonly number[]): Value {
  if ([...order].sort((a, b) => a - b).join() !== x.shape.map((_, axis) => axis).join())
    fail('transpose', [x], `[${order.join(', ')}] is not an order of its ${x.shape.length} axes`);
  const shape = order.map((axis) => x.shape[axis] as Dimension);
  return single(x.graph.node('Transpose', [x], [{ type: x.type, shape }], { attributes: { perm: { ints: order } } }));
}

export function concat(values: readonly Value[], axis: number): Value {
  const type = requireType('concat', values, ['float32', 'float16', 'int64', 'int32', 'bool', 'uint8']);
  const [first] = values as [Value];
  const at = resolveAxis('concat', first, axis);
  const without = (value: Value) => value.shape.filter((_, place) => place !== at);
  for (const value of values)
    if (value.shape.length !== first.shape.length || !sameShape(without(value), without(first)))
      fail('concat', values, `the shapes differ beyond axis ${at}`);
  const length = values.map((value) => value.shape[at] as Dimension).reduce(addDimensions);
  const shape = first.shape.with(at, length);
  return single(first.graph.node('Concat', values, [{ type, shape }], { attributes: { axis: { int: at } } }));
}

/** Parts of the given sizes along one axis. */
export function split(x: Value, sizes: readonly number[], axis: number): Value[] {
  const at = resolveAxis('split', x, axis);
  const length = fixedLength('split', x, at);
  if (sizes.reduce((sum, size) => sum + size, 0) !== length)
    fail('split', [x], `the parts ${sizes.join(' + ')} are not the ${length} of axis ${at}`);
  const parts = sizes.map((size) => ({ type: x.type, shape: x.shape.with(at, size) }));
  const constant = x.graph.constant('int64', [sizes.length], sizes);
  return x.graph.node('Split', [x, constant], parts, { attributes: { axis: { int: at } } });
}

export interface SliceOptions {
  axes: readonly number[];
  /** First index of each axis, or int64 [axes] computed in the graph. */
  starts: readonly number[] | Value;
  /** Index after the last; Infinity is the end of the axis. */
  ends: readonly number[] | Value;
  /** The result's shape, needed where it does not follow: computed bounds, negative ones or ends within a symbolic axis. */
  shape?: Shape;
}

export function slice(x: Value, { axes, starts, ends, shape }: SliceOptions): Value {
  const places = axes.map((axis) => resolveAxis('slice', x, axis));
  const fixed = Array.isArray(starts) && Array.isArray(ends);
  const result = fixed ? sliceShape(x, places, starts, ends, shape) : shape;
  if (!result) return fail('slice', [x], 'bounds that are computed need the shape of the result');
  const bounds = [starts, ends].map((bound) => {
    const value = isValue(bound)
      ? bound
      : x.graph.constant(
          'int64',
          [bound.length],
          bound.map((index) => (index === Infinity ? SLICE_END : index)),
        );
    requireType('slice', [value], ['int64']);
    requireShape('slice', value, [axes.length], 'bounds');
    return value;
  });
  const constant = x.graph.constant('int64', [places.length], places);
  return single(x.graph.node('Slice', [x, ...bounds, constant], [{ type: x.type, shape: result }]));
}

/** ONNX clamps to the axis' length; any number above every length will do. */
const SLICE_END = 2 ** 31 - 1;

function sliceShape(
  x: Value,
  axes: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  stated: Shape | undefined,
): Shape {
  if (starts.length !== axes.length || ends.length !== axes.length)
    fail('slice', [x], `${axes.length} axes need as many starts and ends, not ${starts.length} and ${ends.length}`);
  const shape = [...x.shape];
  axes.forEach((axis, index) => {
    const length = x.shape[axis] as Dimension;
    const start = starts[index] as number;
    const end = ends[index] as number;
    if (typeof length === 'number') {
      const from = start < 0 ? start + length : start;
      const to = end === Infinity ? length : end < 0 ? end + length : end;
      if (!(0 <= from && from < to && to <= length))
        fail('slice', [x], `${start} to ${end} is not within the ${length} of axis ${axis}`);
      shape[axis] = to - from;
    } else if (start >= 0 && end === Infinity) shape[axis] = subtractDimensions(length, start);
    else if (stated) shape[axis] = normalizeDimension(stated[axis] ?? length);
    else fail('slice', [x], `the length of ${start} to ${end} on axis ${axis} of length ${length} must be stated`);
  });
  if (stated && !sameShape(stated.map(normalizeDimension), shape))
    fail('slice', [x], `the result has the shape ${formatShape(shape)}, not ${formatShape(stated)}`);
  return shape;
}

function isValue(value: readonly number[] | Value): value is Value {
  return !Array.isArray(value);
}

/** Entries of one axis by index; the shape of `indices` takes the axis' place. Negative indices count from the end. */
export function gather(data: Value, indices: Value, axis = 0): Value {
  requireType('gather', [indices], INDICES);
  const at = resolveAxis('gather', data, axis);
  const shape = [...data.shape.slice(0, at), ...indices.shape, ...data.shape.slice(at + 1)];
  return single(
    data.graph.node('Gather', [data, indices], [{ type: data.type, shape }], { attributes: { axis: { int: at } } }),
  );
}

/** Puts axes of length 1 at these places of the result. */
export function unsqueeze(x: Value, axes: readonly number[]): Value {
  const rank = x.shape.length + axes.length;
  const places = axes.map((axis) => resolveAxis('unsqueeze', x, axis, rank));
  if (new Set(places).size !== places.length) fail('unsqueeze', [x], `the axes ${axes.join(', ')} repeat`);
  const rest = [...x.shape];
  const shape = Array.from({ length: rank }, (_, axis) => (places.includes(axis) ? 1 : (rest.shift() as Dimension)));
  const constant = x.graph.constant('int64', [places.length], places);
  return single(x.graph.node('Unsqueeze', [x, constant], [{ type: x.type, shape }]));
}

/** Takes axes of length 1 away. */
export function squeeze(x: Value, axes: readonly number[]): Value {
  const places = axes.map((axis) => resolveAxis('squeeze', x, axis));
  for (const axis of places)
    if (x.shape[axis] !== 1) fail('squeeze', [x], `axis ${axis} has the length ${x.shape[axis]}, not 1`);
  const shape = x.shape.filter((_, axis) => !places.includes(axis));
  const constant = x.graph.constant('int64', [places.length], places);
  return single(x.graph.node('Squeeze', [x, constant], [{ type: x.type, shape }]));
}
