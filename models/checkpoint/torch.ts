/** Checkpoints as torch.save writes them since 1.6: a zip archive with `NAME/data.pkl` and a stored entry `NAME/data/KEY` for each storage. */
import { crc32 } from './crc32.js';
import { quote } from './error.js';
import { MAXIMUM_NAME_BYTES, MAXIMUM_PICKLE_BYTES } from './limits.js';
import { parsePickle } from './pickle.js';
import type { PickleValue } from './pickle-values.js';
import { type ByteSource, readBytes, refusal } from './source.js';
import { TensorTable, type Unreadable } from './table.js';
import { ELEMENT_BYTES, type Tensor } from './tensor.js';
import { describeTensor, type TorchTensor } from './torch-tensor.js';
import { checkView, readView } from './view.js';
import { findTable, type Preference } from './wrappers.js';
import { checkStored, locateEntry, readZip, type ZipEntry } from './zip.js';

type Zip = ReadonlyMap<string, ZipEntry>;

/**
 * Reads the directory and the pickle, finds the weights and checks the view of each. No storage is read.
 *
 * @throws CheckpointError when the file is not what torch.save writes, or contradicts itself.
 */
export async function openTorch(source: ByteSource, prefer: Preference): Promise<TensorTable> {
  const zip = await readZip(source);
  const root = findRoot(source, zip);
  await checkByteOrder(source, zip, root);
  const pickle = await readEntry(source, zip.get(`${root}data.pkl`)!, MAXIMUM_PICKLE_BYTES);
  const value = parsePickle(pickle, refusal(source));
  return makeTable(source, zip, root, findTable(value, prefer, refusal(source)).entries);
}

/** The folder that torch.save puts everything in, with its slash. */
function findRoot(source: ByteSource, zip: Zip): string {
  const { damaged, unsupported } = refusal(source);
  const roots = [...zip.keys()]
    .filter((name) => /^(?:[^/]+\/)?data\.pkl$/.test(name))
    .map((name) => name.slice(0, -8))
    .sort();
  const [root] = roots;
  if (root === undefined) {
    throw unsupported(
      'is a zip archive without a data.pkl, so not a checkpoint that torch.save wrote. Give the path of a .pt, .pth or .bin file.',
    );
  }
  if (roots.length > 1)
    throw damaged(
      `has several pickles (${roots
        .map((name) => quote(`${name}data.pkl`))
        .slice(0, 4)
        .join(', ')}). Fetch the file again from a source you trust.`,
    );
  if (zip.has(`${root}constants.pkl`)) {
    throw unsupported(
      'is a TorchScript program, not a table of tensors. Save the latter in Python: torch.save(torch.jit.load(f).state_dict(), f2).',
    );
  }
  return root;
}

async function checkByteOrder(source: ByteSource, zip: Zip, root: string): Promise<void> {
  const entry = zip.get(`${root}byteorder`);
  // Files from before PyTorch 2.1 have none; those were little-endian but for a few on IBM Z.
  if (entry === undefined) return;
  const text = Buffer.from(await readEntry(source, entry, 16))
    .toString('latin1')
    .trim();
  if (text !== 'little') {
    throw refusal(source).unsupported(
      `has byte order ${quote(text)}; only "little" is read. Save it again on an ordinary machine: torch.save(torch.load(f), f2).`,
    );
  }
}

async function readEntry(source: ByteSource, entry: ZipEntry, limit: number): Promise<Uint8Array> {
  const { damaged, unsupported } = refusal(source);
  const start = await locateEntry(source, entry);
  if (entry.size > limit) {
    throw unsupported(
      `its ${quote(entry.name)} has ${entry.size} bytes; at most ${limit} are read. Save the weights alone: torch.save(model.state_dict(), f).`,
    );
  }
  const bytes = await readBytes(source, start, entry.size);
  if (entry.checksum !== 0 && crc32(bytes) !== entry.checksum) {
    throw damaged(`its ${quote(entry.name)} does not match its checksum. Fetch the file again.`);
  }
  return bytes;
}

function makeTable(
  source: ByteSource,
  zip: Zip,
  root: string,
  entries: ReadonlyMap<PickleValue, PickleValue>,
): TensorTable {
  const { damaged, unsupported } = refusal(source);
  const tensors: Tensor[] = [];
  const unreadable: Unreadable = new Map();
  for (const [name, value] of entries) {
    const described = describeTensor(value);
    if (described === undefined || typeof name !== 'string') continue;
    if (name.length > MAXIMUM_NAME_BYTES) {
      throw damaged(
        `has a tensor whose name has ${name.length} characters; at most ${MAXIMUM_NAME_BYTES} are allowed. Fetch the file again from a source you trust.`,
      );
    }
    if ('unreadable' in described) {
      unreadable.set(name, () =>
        unsupported(`tensor ${quote(name)} ${described.unreadable}. Save it as an ordinary tensor, or without it.`),
      );
    } else {
      tensors.push(makeTensor(source, zip, root, name, described));
    }
  }
  return new TensorTable(tensors, unreadable);
}

function makeTensor(source: ByteSource, zip: Zip, root: string, name: string, described: TorchTensor): Tensor {
  const { damaged } = refusal(source);
  const { type, key, storageLength, view } = described;
  const entryName = `${root}data/${key}`;
  const entry = zip.get(entryName);
  if (entry === undefined) {
    throw damaged(
      `tensor ${quote(name)} is in ${quote(entryName)}, which is not in the archive. Fetch the file again.`,
    );
  }
  checkStored(source, entry);
  if (entry.size !== storageLength * ELEMENT_BYTES[type]) {
    throw damaged(
      `tensor ${quote(name)} has a storage of ${storageLength} ${type} elements, but ${quote(entryName)} has ${entry.size} bytes. ` +
        'Fetch the file again.',
    );
  }
  checkView(name, view, storageLength, refusal(source));
  return {
    name,
    type,
    shape: view.shape,
    readFloat32: () =>
      readView(name, view, {
        source,
        start: () => locateEntry(source, entry),
        length: storageLength,
        type,
        checksum: entry.checksum,
      }),
  };
}
