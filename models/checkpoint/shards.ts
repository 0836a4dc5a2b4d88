/** Checkpoints in several files, as Hugging Face libraries save them: an index.json that says which tensor is in which file beside it. */
import * as z from 'zod';
import { CheckpointError, quote } from './error.js';
import { parseJson } from './json.js';
import { MAXIMUM_INDEX_BYTES, MAXIMUM_NAME_BYTES, MAXIMUM_SHARDS, MAXIMUM_TENSORS } from './limits.js';
import { type ByteSource, readBytes, refusal } from './source.js';

/** A plain name of a file: no folder, no drive, not hidden. */
const ShardName = z
  .string()
  .max(255, { abort: true })
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*\.(?:safetensors|bin|pt|pth)$/);

const INDEX_LIMITS = { depth: 4, values: MAXIMUM_TENSORS * 2 };

export interface ShardIndex {
  /** Names of files beside the index, each once, sorted. */
  readonly shards: readonly string[];
  /** Tensor name to shard. */
  readonly places: ReadonlyMap<string, string>;
}

/** @throws CheckpointError when the index is no index, or names a file outside of its folder. */
export async function readIndex(source: ByteSource): Promise<ShardIndex> {
  const { damaged, unsupported } = refusal(source);
  if (source.size > MAXIMUM_INDEX_BYTES) {
    throw unsupported(
      `has ${source.size} bytes; an index of at most ${MAXIMUM_INDEX_BYTES} is read. Save the tensors that are needed alone.`,
    );
  }
  const json = parseJson(await readBytes(source, 0, source.size), 'the index', INDEX_LIMITS, refusal(source));
  const map = typeof json === 'object' && json !== null && 'weight_map' in json ? json.weight_map : undefined;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw damaged('has no "weight_map" from tensors to files, so is not the index of a checkpoint. Fetch it again.');
  }
  const places = new Map<string, string>();
  for (const [name, shard] of Object.entries(map)) {
    if (!ShardName.safeParse(shard).success) {
      throw damaged(
        `says that tensor ${quote(name)} is in ${quote(String(JSON.stringify(shard)))}, which is not the plain name of a .safetensors or .bin file ` +
          'beside it. Fetch it again from a source you trust.',
      );
    }
    if (name.length > MAXIMUM_NAME_BYTES) {
      throw damaged(
        `has a tensor whose name has ${name.length} characters; at most ${MAXIMUM_NAME_BYTES} are allowed. Fetch the file again from a source you trust.`,
      );
    }
    places.set(name, shard);
  }
  const shards = [...new Set(places.values())].sort();
  if (shards.length === 0) throw damaged('lists no tensors. Fetch it again.');
  if (places.size > MAXIMUM_TENSORS || shards.length > MAXIMUM_SHARDS) {
    throw unsupported(
      `lists ${places.size} tensors in ${shards.length} files; at most ${MAXIMUM_TENSORS} in ${MAXIMUM_SHARDS} are read. Save it in fewer.`,
    );
  }
  return { shards, places };
}

/** What to look for in a folder, the first that is there; a pattern must fit one file alone. */
const CHOICES: readonly (string | RegExp)[] = [
  'model.safetensors.index.json',
  'model.safetensors',
  /^[^.].*\.safetensors\.index\.json$/,
  /^[^.].*\.safetensors$/,
  'pytorch_model.bin.index.json',
  'pytorch_model.bin',
  /^[^.].*\.bin\.index\.json$/,
  /^[^.].*\.(?:bin|pt|pth)$/,
];

/**
 * The checkpoint among the files of a folder.
 *
 * @throws CheckpointError when there is none, or when it can't be told which of several is meant.
 */
export function chooseFile(folder: string, names: readonly string[]): string {
  for (const choice of CHOICES) {
    const fitting = names.filter((name) => (typeof choice === 'string' ? name === choice : choice.test(name))).sort();
    if (fitting.length > 1) {
      throw new CheckpointError(
        folder,
        'missing',
        `has several checkpoints (${fitting.slice(0, 6).map(quote).join(', ')}). Give the path of the one that is meant.`,
      );
    }
    if (fitting.length === 1) return fitting[0]!;
  }
  throw new CheckpointError(
    folder,
    'missing',
    'is a folder without a checkpoint (.safetensors, .bin, .pt, .pth or an .index.json of them).',
  );
}
