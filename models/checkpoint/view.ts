/** A strided view of a storage: how a torch tensor lies in its file. Checked once, then read in windows of bounded size. */
import { crc32 } from './crc32.js';
import { decodeElements } from './elements.js';
import { quote, type Refusal } from './error.js';
import { MAXIMUM_DIMENSIONS, MAXIMUM_ELEMENTS, MAXIMUM_EXPANDED_ELEMENTS, WINDOW_BYTES } from './limits.js';
import { type ByteSource, refusal } from './source.js';
import { ELEMENT_BYTES, type ElementType } from './tensor.js';

/** Elements that lie one after the other in a file. */
export interface Storage {
  readonly source: ByteSource;
  /** Finds the first byte; it may have to read for that. */
  readonly start: () => Promise<number>;
  /** Elements. */
  readonly length: number;
  readonly type: ElementType;
  /** CRC-32 of all its bytes; 0 when it is not known. Checked where the whole storage is read. */
  readonly checksum: number;
}

/** `element[i, j, ...]` is at `offset + i * strides[0] + j * strides[1] + ...` in the storage, all in elements. */
export interface View {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

interface Axis {
  readonly count: number;
  /** Step in the storage. */
  readonly stride: number;
  /** Step in the row-major result. */
  readonly step: number;
}

const FETCH_AGAIN = 'Fetch the file again from a source you trust.';

/** Product of the dimensions; undefined when it is beyond 2^53 - 1. */
export function countElements(shape: readonly number[]): number | undefined {
  if (shape.includes(0)) return 0;
  let count = 1;
  for (const dimension of shape) {
    count *= dimension;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

/**
 * Checks that a view lies inside its storage and says every element at most once, repeated (expanded) ones apart.
 *
 * @throws CheckpointError that names the tensor.
 */
export function checkView(name: string, view: View, storageLength: number, { damaged, unsupported }: Refusal): void {
  const { offset, shape, strides } = view;
  const tensor = `tensor ${quote(name)} of shape [${shape}]`;
  const isIndex = (value: number) => Number.isSafeInteger(value) && value >= 0;
  if (shape.length > MAXIMUM_DIMENSIONS) {
    throw damaged(
      `tensor ${quote(name)} has ${shape.length} dimensions; at most ${MAXIMUM_DIMENSIONS} are possible. ${FETCH_AGAIN}`,
    );
  }
  if (strides.length !== shape.length)
    throw damaged(`${tensor} has ${strides.length} strides, not one for each dimension. ${FETCH_AGAIN}`);
  if (!shape.every(isIndex)) throw damaged(`${tensor} has a dimension that is no size. ${FETCH_AGAIN}`);
  if (!isIndex(offset) || !strides.every(isIndex)) {
    throw damaged(
      `${tensor} starts at ${offset} with strides [${strides}]; negative and fractional ones are not possible. ${FETCH_AGAIN}`,
    );
  }
  const count = countElements(shape);
  if (count === 0) return;
  let last = offset;
  for (const [axis, dimension] of shape.entries()) last += (dimension - 1) * strides[axis]!;
  if (count === undefined || !Number.isSafeInteger(last) || last >= storageLength) {
    throw damaged(
      `${tensor}, strides [${strides}], offset ${offset} reaches beyond its storage of ${storageLength} elements. ` +
        FETCH_AGAIN,
    );
  }
  let reach = 0;
  for (const { count: dimension, stride } of axesOf(view).reverse()) {
    if (stride === 0) continue;
    if (stride <= reach) {
      throw unsupported(
        `${tensor} has strides [${strides}], so that its elements overlap. Save it with .contiguous().`,
      );
    }
    reach += (dimension - 1) * stride;
  }
  if (count > storageLength && count > MAXIMUM_EXPANDED_ELEMENTS) {
    throw unsupported(
      `${tensor} repeats a storage of ${storageLength} elements ${count} times over; at most ${MAXIMUM_EXPANDED_ELEMENTS} elements of that ` +
        'kind are read. Save it without .expand().',
    );
  }
}

/**
 * Reads a checked view as row-major float32. Beside the result it takes two windows of WINDOW_BYTES; bytes are read in ascending order and
 * each at most once.
 */
export async function readView(name: string, view: View, storage: Storage): Promise<Float32Array> {
  const { source, type } = storage;
  const { damaged, unsupported } = refusal(source);
  const count = countElements(view.shape) ?? Number.POSITIVE_INFINITY;
  if (count > MAXIMUM_ELEMENTS) {
    throw unsupported(
      `tensor ${quote(name)} has ${count} elements; at most ${MAXIMUM_ELEMENTS} are read at once. Save it in parts.`,
    );
  }
  const result = new Float32Array(count);
  if (count === 0) return result;
  const start = await storage.start();
  const size = ELEMENT_BYTES[type];
  const axes = axesOf(view);
  const run = axes.length === 1 && axes[0]!.stride === 1 ? axes[0]! : undefined;

  if (run !== undefined || axes.length === 0) {
    const isWhole = view.offset === 0 && count === storage.length;
    const checksum = await readRun(view.offset, result, isWhole && storage.checksum !== 0);
    if (isWhole && storage.checksum !== 0 && checksum !== storage.checksum) {
      throw damaged(
        `the bytes of tensor ${quote(name)} do not match their checksum in the zip directory. Fetch the file again.`,
      );
    }
    return result;
  }

  // The window holds elements [first, end) of the storage. Axes go from the largest stride to the smallest, so positions only ascend.
  const window = new Float32Array(Math.min(WINDOW_BYTES / size, count * 4));
  let first = 0;
  let end = 0;
  const lastPosition = axes.reduce((position, axis) => position + (axis.count - 1) * axis.stride, view.offset);
  const inner = axes[axes.length - 1]!;
  // Where stepping over the gap reads less than a window would, only what is wanted is read.
  const span = inner.stride * size >= WINDOW_BYTES ? 1 : window.length;
  const outer = axes.slice(0, -1);
  const indices = outer.map(() => 0);
  let position = view.offset;
  let place = 0;
  for (;;) {
    for (
      let index = 0, from = position, to = place;
      index < inner.count;
      index++, from += inner.stride, to += inner.step
    ) {
      if (from >= end) {
        first = from;
        end = Math.min(from + span, lastPosition + 1);
        await readRun(first, window.subarray(0, end - first), false);
      }
      result[to] = window[from - first]!;
    }
    // Count up like an odometer, the last of the outer axes first.
    let axis = outer.length - 1;
    while (axis >= 0) {
      const { count: dimension, stride, step } = outer[axis]!;
      indices[axis] = indices[axis]! + 1;
      position += stride;
      place += step;
      if (indices[axis]! < dimension) break;
      indices[axis] = 0;
      position -= stride * dimension;
      place -= step * dimension;
      axis--;
    }
    if (axis < 0) return result;
  }

  /** Decodes the elements from `from` on into `target`, a window at a time; the CRC-32 of their bytes when asked. */
  async function readRun(from: number, target: Float32Array, withChecksum: boolean): Promise<number> {
    // An f32 needs no decoding and goes where it belongs.
    const raw = type === 'f32' ? new Uint8Array(target.buffer, target.byteOffset, target.byteLength) : undefined;
    const buffer = raw ?? new Uint8Array(Math.min(WINDOW_BYTES, target.length * size));
    let checksum = 0;
    for (let done = 0; done < target.length; ) {
      const part = Math.min(WINDOW_BYTES / size, target.length - done);
      const bytes = raw?.subarray(done * size, (done + part) * size) ?? buffer.subarray(0, part * size);
      await source.readInto(start + (from + done) * size, bytes);
      if (withChecksum) checksum = crc32(bytes, checksum);
      const inexact = raw ? undefined : decodeElements(type, bytes, target.subarray(done, done + part));
      if (inexact !== undefined) {
        throw unsupported(
          `tensor ${quote(name)} of type ${type} holds ${inexact}, which float32 can't hold exactly. Save it as float32 if its exact value does not matter.`,
        );
      }
      done += part;
    }
    return checksum;
  }
}

/**
 * The axes of a view from the largest stride to the smallest, those that repeat (stride 0) last; axes of one element left out, and neighbours
 * merged where one continues the other, so that a contiguous tensor has one axis.
 */
function axesOf(view: View): Axis[] {
  const axes: Axis[] = [];
  let step = 1;
  for (let axis = view.shape.length - 1; axis >= 0; axis--) {
    const count = view.shape[axis]!;
    if (count !== 1) axes.push({ count, stride: view.strides[axis]!, step });
    step *= count;
  }
  axes.reverse();
  axes.sort((a, b) => b.stride - a.stride);
  const merged: Axis[] = [];
  for (const axis of axes) {
    const before = merged.at(-1);
    if (before?.stride === axis.count * axis.stride && before.step === axis.count * axis.step) {
      merged[merged.length - 1] = { ...axis, count: before.count * axis.count };
    } else {
      merged.push(axis);
    }
  }
  return merged;
}
