/**
 * safetensors (https://github.com/huggingface/safetensors, "Format"): a 64-bit length, a JSON header of that length, then the tensors' bytes,
 * which must cover the rest of the file without overlap or hole.
 */
import * as z from 'zod';
import { quote } from './error.js';
import { parseJson } from './json.js';
import { MAXIMUM_DIMENSIONS, MAXIMUM_HEADER_BYTES, MAXIMUM_NAME_BYTES, MAXIMUM_TENSORS } from './limits.js';
import { type ByteSource, readBytes, readUint64, refusal } from './source.js';
import { TensorTable, type Unreadable } from './table.js';
import { ELEMENT_BYTES, type ElementType, type Tensor } from './tensor.js';
import { countElements, readView } from './view.js';

/** The header's own names for the types that are read. */
export const SAFETENSORS_TYPES: Readonly<Record<ElementType, string>> = {
  f64: 'F64',
  f32: 'F32',
  f16: 'F16',
  bf16: 'BF16',
  i64: 'I64',
  i32: 'I32',
  i16: 'I16',
  i8: 'I8',
  u8: 'U8',
  bool: 'BOOL',
};

const TYPES = new Map(Object.entries(SAFETENSORS_TYPES).map(([type, name]) => [name, type as ElementType]));

/** Checked as a whole, since zod would make an issue of every wrong element, and there may be a million. */
function sizes(least: number, most: number) {
  const isSize = (value: unknown) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  return z.custom<number[]>(
    (value) => Array.isArray(value) && value.length >= least && value.length <= most && value.every(isSize),
    `is not an array of ${least} to ${most} sizes`,
  );
}

/** Further keys are let be, as the format's own reader does. */
const Entry = z.object({
  dtype: z.string().max(16),
  /** Rows first. */
  shape: sizes(0, MAXIMUM_DIMENSIONS),
  /** First byte and the byte after the last, counted from the end of the header. */
  data_offsets: sizes(2, 2),
});

/** An object, an array of shape and one of offsets for each tensor; up to 4 dimensions on average. What a further key holds may be deeper. */
const HEADER_LIMITS = { depth: 8, values: MAXIMUM_TENSORS * 12 };

interface Placed {
  readonly name: string;
  /** As the header names it. */
  readonly type: string;
  readonly shape: readonly number[];
  /** Bytes after the header. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads and checks the header; no tensor is read.
 *
 * @throws CheckpointError when the header or what it says of the file is not true.
 */
export async function openSafetensors(source: ByteSource): Promise<TensorTable> {
  const { damaged, unsupported } = refusal(source);
  if (source.size < 8) throw damaged(`has ${source.size} bytes, too few for a safetensors file. Fetch it again.`);
  const length = readUint64(new DataView((await readBytes(source, 0, 8)).buffer), 0);
  if (length === undefined || length > source.size - 8) {
    throw damaged(
      `claims a header of ${length ?? 'more than 2^53'} bytes, but has only ${source.size}. It is cut short or no safetensors file; fetch it again.`,
    );
  }
  if (length > MAXIMUM_HEADER_BYTES) {
    throw unsupported(
      `has a safetensors header of ${length} bytes; at most ${MAXIMUM_HEADER_BYTES} are read. Save the checkpoint in several files.`,
    );
  }
  const header = await readBytes(source, 8, length);
  if (header[0] !== 0x7b) throw damaged('has a safetensors header that does not start with "{". Fetch it again.');
  const placed = readHeader(source, header);
  checkPlaces(source, placed, source.size - 8 - length);

  const tensors: Tensor[] = [];
  const unreadable: Unreadable = new Map();
  for (const place of placed) {
    const type = TYPES.get(place.type);
    if (type !== undefined) {
      tensors.push(makeTensor(source, 8 + length, type, place));
      continue;
    }
    const fault = `tensor ${quote(place.name)} has elements of type ${quote(place.type)}, which is not read`;
    unreadable.set(place.name, () => unsupported(`${fault}. Save it as F32, F16 or BF16.`));
  }
  return new TensorTable(tensors, unreadable);
}

function readHeader(source: ByteSource, bytes: Uint8Array): Placed[] {
  const { damaged, unsupported } = refusal(source);
  const header = parseJson(bytes, 'its safetensors header', HEADER_LIMITS, refusal(source));
  // JSON.parse makes `__proto__` an ordinary property, and entries are only ever listed, so that no name has a special meaning.
  const entries = Object.entries(header as object);
  if (entries.length > MAXIMUM_TENSORS) {
    throw unsupported(
      `has ${entries.length} tensors; at most ${MAXIMUM_TENSORS} are read. Save those that are needed alone.`,
    );
  }
  const placed: Placed[] = [];
  for (const [name, value] of entries) {
    if (name === '__metadata__') {
      const isText = typeof value === 'object' && Object.values(value ?? {}).every((text) => typeof text === 'string');
      if (!isText) throw damaged('has __metadata__ that is not text by name. Fetch it again.');
      continue;
    }
    if (name.length > MAXIMUM_NAME_BYTES) {
      throw damaged(
        `has a tensor whose name has ${name.length} characters; at most ${MAXIMUM_NAME_BYTES} are allowed. Fetch the file again from a source you trust.`,
      );
    }
    const entry = Entry.safeParse(value);
    if (!entry.success) {
      const [issue] = entry.error.issues;
      const fault = `${issue?.path.join('.')} ${issue?.message}`.trim().slice(0, 200);
      throw damaged(`its header is wrong about tensor ${quote(name)}: ${fault}. Fetch it again.`);
    }
    const { dtype, shape, data_offsets } = entry.data;
    placed.push({ name, type: dtype, shape, start: data_offsets[0]!, end: data_offsets[1]! });
  }
  return placed;
}

/** Every tensor is as long as its shape says, and together they cover the bytes after the header exactly. */
function checkPlaces(source: ByteSource, placed: readonly Placed[], length: number): void {
  const { damaged } = refusal(source);
  let end = 0;
  for (const place of placed.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const tensor = `tensor ${quote(place.name)} at bytes ${place.start} to ${place.end}`;
    if (place.start !== end || place.end < place.start || place.end > length) {
      throw damaged(
        `${tensor} overlaps another, leaves a hole after byte ${end}, or reaches beyond the ${length} bytes that there are. Fetch it again.`,
      );
    }
    const type = TYPES.get(place.type);
    const count = countElements(place.shape);
    if (type !== undefined && (count === undefined || count * ELEMENT_BYTES[type] !== place.end - place.start)) {
      throw damaged(`${tensor} does not have the size of shape [${place.shape}] of ${place.type}. Fetch it again.`);
    }
    end = place.end;
  }
  if (end !== length) {
    throw damaged(`its tensors end at byte ${end}, but the file has ${length} bytes after the header. Fetch it again.`);
  }
}

function makeTensor(source: ByteSource, dataStart: number, type: ElementType, place: Placed): Tensor {
  const { name, shape } = place;
  const strides: number[] = [];
  for (let axis = shape.length - 1, stride = 1; axis >= 0; stride *= shape[axis]!, axis--) strides.unshift(stride);
  const storage = {
    source,
    start: async () => dataStart + place.start,
    length: (place.end - place.start) / ELEMENT_BYTES[type],
    type,
    checksum: 0,
  };
  return { name, type, shape, readFloat32: () => readView(name, { offset: 0, shape, strides }, storage) };
}
