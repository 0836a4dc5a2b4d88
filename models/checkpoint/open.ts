/** Opens whatever somebody published as a checkpoint: a torch file, a safetensors file, an index of shards, or the folder they are in. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CheckpointError, quote, refusalOf } from './error.js';
import { codeOf, type OpenFile, openFile } from './file.js';
import { openSafetensors } from './safetensors.js';
import { chooseFile, readIndex } from './shards.js';
import { checkKind } from './sniff.js';
import { TensorTable, type Unreadable } from './table.js';
import type { Checkpoint, Tensor } from './tensor.js';
import { openTorch } from './torch.js';
import type { Preference } from './wrappers.js';

export interface OpenOptions {
  /** Which weights to take when a torch file has both the trained ones and their moving average. Default `model`. */
  readonly prefer?: Preference;
}

/**
 * Opens a checkpoint and checks everything that can be checked without reading the tensors themselves. What a file is, is told from its
 * bytes; nothing in it is executed, and no path in it leads out of its folder.
 *
 * @param path A .pt, .pth, .bin or .safetensors file, an .index.json, or a folder with one of these.
 * @throws CheckpointError that names the file and the fault.
 */
export async function openCheckpoint(path: string, options: OpenOptions = {}): Promise<Checkpoint> {
  const prefer = options.prefer ?? 'model';
  const file = await resolveFolder(path);
  const opened: OpenFile[] = [];
  const close = async () => {
    await Promise.all(opened.splice(0).map((source) => source.close()));
  };
  try {
    const tensors = file.endsWith('.index.json')
      ? await openShards(file, prefer, opened)
      : await openOne(file, prefer, opened);
    return { file: path, tensors, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The file to open: the path itself, or the best of a folder. */
async function resolveFolder(path: string): Promise<string> {
  const status = await stat(path).catch((error: unknown) => {
    throw new CheckpointError(
      path,
      'missing',
      `can't be opened (${codeOf(error)}). Check the path and its permissions.`,
    );
  });
  return status.isDirectory() ? join(path, chooseFile(path, await readdir(path))) : path;
}

async function openOne(file: string, prefer: Preference, opened: OpenFile[]): Promise<TensorTable> {
  const source = await openFile(file);
  opened.push(source);
  return (await checkKind(source)) === 'torch' ? openTorch(source, prefer) : openSafetensors(source);
}

/** Every tensor that the index lists, from the shard that it names. */
async function openShards(file: string, prefer: Preference, opened: OpenFile[]): Promise<TensorTable> {
  const index = await openFile(file);
  opened.push(index);
  const { shards, places } = await readIndex(index);
  const refusal = refusalOf(file);
  const tensors = new Map<string, { readonly shard: string; readonly tensor: Tensor }>();
  const unreadable: Unreadable = new Map();
  for (const shard of shards) {
    const table = await openOne(join(dirname(file), shard), prefer, opened);
    for (const name of [...table.keys(), ...table.unreadable.keys()]) {
      const other = tensors.get(name)?.shard ?? (unreadable.has(name) ? places.get(name) : undefined);
      if (other !== undefined) {
        throw refusal.damaged(
          `tensor ${quote(name)} is in ${other} and again in ${shard}. Fetch the files again from a source you trust.`,
        );
      }
      const reason = table.unreadable.get(name);
      if (reason !== undefined) unreadable.set(name, reason);
      else tensors.set(name, { shard, tensor: table.get(name)! });
    }
  }
  const listed: Tensor[] = [];
  for (const [name, shard] of places) {
    const found = tensors.get(name);
    if (found !== undefined && found.shard !== shard) {
      throw refusal.damaged(
        `says that tensor ${quote(name)} is in ${shard}, but it is in ${found.shard}. Fetch the index again.`,
      );
    }
    if (found === undefined && !unreadable.has(name)) {
      throw refusal.damaged(
        `says that tensor ${quote(name)} is in ${shard}, but it is not. Fetch ${basename(shard)} again.`,
      );
    }
    if (found !== undefined) listed.push(found.tensor);
  }
  return new TensorTable(listed, unreadable);
}
