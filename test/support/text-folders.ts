/** The text encoder's folder as people have it: shards, .bin, variants, other libraries' files, Hugging Face's cache, a mark before JSON. */
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint } from '../../models/checkpoint/open.js';
import { writeSafetensors } from '../../models/checkpoint/write-safetensors.js';
import { stateDict, tensor, torchFile } from '../unit/checkpoint/fixtures/torch.js';
import { T5_A } from './random-packs.js';

export type Weights = ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;

export async function readWeights(): Promise<Weights> {
  const { tensors, close } = await openCheckpoint(T5_A);
  const weights = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  for (const { name, shape, readFloat32 } of tensors.values())
    weights.set(name, { shape, values: await readFloat32() });
  await close();
  return weights;
}

const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

async function safetensors(file: string, weights: Weights): Promise<void> {
  const tensors = [...weights].map(([name, { shape, values }]) => ({
    name,
    type: 'f32' as const,
    shape,
    chunks: () => [bytesOf(values)],
  }));
  await writeSafetensors(file, tensors, { format: 'pt' });
}

async function bin(file: string, weights: Weights): Promise<void> {
  const entries = [...weights].map(([name, { shape, values }], index) => {
    const key = String(index);
    return { name, key, value: tensor({ key, length: values.length, shape }), bytes: bytesOf(values) };
  });
  writeFileSync(
    file,
    torchFile(
      stateDict(Object.fromEntries(entries.map(({ name, value }) => [name, value]))),
      Object.fromEntries(entries.map(({ key, bytes }) => [key, bytes])),
    ),
  );
}

const half = (weights: Weights, which: 0 | 1): Weights =>
  new Map([...weights].filter((_, index) => (index < weights.size / 2 ? 0 : 1) === which));

export const renameAll = (weights: Weights, rename: (name: string) => string): Weights =>
  new Map([...weights].map(([name, weight]) => [rename(name), weight]));

async function shards(folder: string, ending: 'safetensors' | 'bin', weights: Weights): Promise<void> {
  const stem = ending === 'bin' ? 'pytorch_model' : 'model';
  const map: Record<string, string> = {};
  for (const which of [0, 1] as const) {
    const name = `${stem}-0000${which + 1}-of-00002.${ending}`;
    const part = half(weights, which);
    await (ending === 'bin' ? bin : safetensors)(join(folder, name), part);
    for (const key of part.keys()) map[key] = name;
  }
  const index = { metadata: { total_size: 1 }, weight_map: map };
  writeFileSync(join(folder, `${stem}.${ending}.index.json`), JSON.stringify(index));
}

type Json = Record<string, unknown>;
const readJson = (name: string) => JSON.parse(readFileSync(join(T5_A, name), 'utf8')) as Json;
const tokenizerWith = (folder: string, change: (file: Json) => Json) =>
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(change(readJson('tokenizer.json'))));

/** Each gets a folder with config.json and tokenizer.json in it, and may change them. @returns the path to import, where it is another */
export const TEXT_FOLDERS: Readonly<Record<string, (folder: string, weights: Weights) => Promise<string | undefined>>> =
  {
    'model.safetensors': (folder, weights) => one(safetensors(join(folder, 'model.safetensors'), weights)),
    'pytorch_model.bin': (folder, weights) => one(bin(join(folder, 'pytorch_model.bin'), weights)),
    'shards of safetensors': (folder, weights) => one(shards(folder, 'safetensors', weights)),
    'shards of .bin': (folder, weights) => one(shards(folder, 'bin', weights)),
    'files for every library': async (folder, weights) => {
      await safetensors(join(folder, 'model.safetensors'), weights);
      await bin(join(folder, 'pytorch_model.bin'), half(weights, 0));
      writeFileSync(join(folder, 'tf_model.h5'), '\x89HDF');
      writeFileSync(join(folder, 'flax_model.msgpack'), 'x');
      return undefined;
    },
    'a variant in half precision beside it': async (folder, weights) => {
      await safetensors(join(folder, 'model.safetensors'), weights);
      await safetensors(join(folder, 'model.fp16.safetensors'), half(weights, 0));
      return undefined;
    },
    'embeddings under both names': (folder, weights) =>
      one(
        safetensors(
          join(folder, 'model.safetensors'),
          new Map([...weights, ['encoder.embed_tokens.weight', weights.get('shared.weight')!]]),
        ),
      ),
    'embeddings under the encoder alone': (folder, weights) =>
      one(
        safetensors(
          join(folder, 'model.safetensors'),
          renameAll(weights, (name) => (name === 'shared.weight' ? 'encoder.embed_tokens.weight' : name)),
        ),
      ),
    'the encoder alone, whose names all begin alike': (folder, weights) =>
      one(
        safetensors(
          join(folder, 'model.safetensors'),
          new Map(
            [...renameAll(weights, (name) => (name === 'shared.weight' ? 'encoder.embed_tokens.weight' : name))].filter(
              ([name]) => name.startsWith('encoder.'),
            ),
          ),
        ),
      ),
    'a mark before JSON': async (folder, weights) => {
      for (const name of ['config.json', 'tokenizer.json'])
        writeFileSync(join(folder, name), `\ufeff${readFileSync(join(T5_A, name), 'utf8')}`);
      return one(safetensors(join(folder, 'model.safetensors'), weights));
    },
    'tokens that were added': async (folder, weights) => {
      tokenizerWith(folder, (file) => {
        const added = file['added_tokens'] as { id: number }[];
        const next =
          Math.max(...added.map(({ id }) => id), (file['model'] as { vocab: unknown[] }).vocab.length - 1) + 1;
        const more = [0, 1, 2].map((index) => ({
          id: next + index,
          content: `<another_${index}>`,
          single_word: false,
          lstrip: false,
          rstrip: false,
          normalized: false,
          special: true,
        }));
        return { ...file, added_tokens: [...added, ...more] };
      });
      return one(safetensors(join(folder, 'model.safetensors'), weights));
    },
    'truncation and padding in tokenizer.json': async (folder, weights) => {
      tokenizerWith(folder, (file) => ({
        ...file,
        truncation: { direction: 'Right', max_length: 4, strategy: 'LongestFirst', stride: 0 },
        padding: {
          strategy: { Fixed: 16 },
          direction: 'Right',
          pad_to_multiple_of: null,
          pad_id: 0,
          pad_type_id: 0,
          pad_token: '<pad>',
        },
      }));
      return one(safetensors(join(folder, 'model.safetensors'), weights));
    },
    "a model in Hugging Face's cache": (folder, weights) => hubCache(folder, weights, ['abc']),
    "the only model of Hugging Face's cache": async (folder, weights) => {
      await hubCache(folder, weights, ['abc']);
      return join(folder, 'hub');
    },
    "two versions in Hugging Face's cache, of which refs/main names one": async (folder, weights) => {
      const root = await hubCache(folder, weights, ['abc', 'def']);
      mkdirSync(join(root, 'refs'));
      writeFileSync(join(root, 'refs', 'main'), 'def');
      return root;
    },
  };

const one = async (work: Promise<void>) => {
  await work;
  return undefined;
};

/** Every version links to the same blobs. @returns the model's folder in the cache */
export async function hubCache(folder: string, weights: Weights, versions: readonly string[]): Promise<string> {
  const root = join(folder, 'hub', 'models--x--t5');
  mkdirSync(join(root, 'blobs'), { recursive: true });
  await safetensors(join(root, 'blobs', 'weights'), weights);
  for (const name of ['config.json', 'tokenizer.json']) copyFileSync(join(T5_A, name), join(root, 'blobs', name));
  for (const version of versions) {
    const snapshot = join(root, 'snapshots', version);
    mkdirSync(snapshot, { recursive: true });
    for (const [name, blob] of [
      ['config.json', 'config.json'],
      ['tokenizer.json', 'tokenizer.json'],
      ['model.safetensors', 'weights'],
    ] as const)
      symlinkSync(`../../blobs/${blob}`, join(snapshot, name));
  }
  return root;
}

/** @returns the folder, with config.json and tokenizer.json as they are */
export function bareFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const name of ['config.json', 'tokenizer.json']) copyFileSync(join(T5_A, name), join(folder, name));
  return folder;
}
