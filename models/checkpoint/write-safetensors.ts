/** Writes safetensors files of any size in little memory: for the random-number checkpoints of tests and of the bench. */
import { open, rename, rm } from 'node:fs/promises';
import { SAFETENSORS_TYPES } from './safetensors.js';
import { ELEMENT_BYTES, type ElementType } from './tensor.js';
import { countElements } from './view.js';

/** A tensor whose bytes are made while they are written. */
export interface TensorToWrite {
  readonly name: string;
  readonly type: ElementType;
  /** Rows first. */
  readonly shape: readonly number[];
  /** The elements in row-major order, little-endian, in pieces of any length. Called once; a piece may be reused for the next. */
  readonly chunks: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** The header is padded to this, so that tensors can be mapped into memory as they lie. */
const ALIGNMENT = 8;

/**
 * Writes a file and puts it in place when it is complete.
 *
 * @returns Bytes written.
 * @throws RangeError when two tensors have one name, a shape is no shape, or the pieces of a tensor are not as long as its shape says.
 */
export async function writeSafetensors(
  file: string,
  tensors: readonly TensorToWrite[],
  metadata?: Readonly<Record<string, string>>,
): Promise<number> {
  const { header, sizes } = layOut(tensors, metadata);
  const partial = `${file}.partial`;
  const handle = await open(partial, 'w');
  let written = 0;
  const write = async (bytes: Uint8Array) => {
    for (let done = 0; done < bytes.length; )
      done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
    written += bytes.length;
  };
  try {
    await write(header);
    for (const [index, tensor] of tensors.entries()) {
      const before = written;
      for await (const chunk of tensor.chunks()) await write(chunk);
      if (written - before !== sizes[index]) {
        throw new RangeError(
          `tensor ${tensor.name} of shape [${tensor.shape}] and type ${tensor.type} has ${sizes[index]} bytes, but ${written - before} came.`,
        );
      }
    }
    await handle.close();
    await rename(partial, file);
  } catch (error) {
    await handle.close();
    await rm(partial, { force: true });
    throw error;
  }
  return written;
}

function layOut(tensors: readonly TensorToWrite[], metadata: Readonly<Record<string, string>> | undefined) {
  // A map, since a tensor may be called `__proto__`.
  const entries = new Map<string, unknown>();
  if (metadata !== undefined) entries.set('__metadata__', metadata);
  const sizes: number[] = [];
  let offset = 0;
  for (const { name, type, shape } of tensors) {
    const count = countElements(shape);
    if (count === undefined || !shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0)) {
      throw new RangeError(`tensor ${name} has shape [${shape}], which is no shape.`);
    }
    if (entries.has(name)) throw new RangeError(`two tensors are called ${name}.`);
    const size = count * ELEMENT_BYTES[type];
    entries.set(name, { dtype: SAFETENSORS_TYPES[type], shape, data_offsets: [offset, offset + size] });
    sizes.push(size);
    offset += size;
  }
  const text = `{${[...entries].map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(',')}}`;
  const json = new TextEncoder().encode(text);
  const length = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, 8);
  return { header, sizes };
}
