/** Folders as people have them: a model's own, or that of Hugging Face's cache, which keeps every version in a folder of its own. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ImportError } from './recipe.js';

/** What huggingface_hub calls the folder of a model in its cache. */
const CACHED = /^models--.+/;

/**
 * The folder that is meant: of a model in Hugging Face's cache ("models--google--flan-t5-xl") the version that `refs/main` names, or the only
 * one; the folder itself where it is none. Of the whole cache ("hub") the only model.
 *
 * @throws ImportError when it can't be told which is meant
 */
export async function resolveFolder(path: string): Promise<string> {
  const names: string[] = await readdir(path).catch(() => []);
  const snapshots = join(path, 'snapshots');
  if (!names.includes('snapshots') || !(await isFolder(snapshots))) return resolveCache(path, names);
  const versions = (await readdir(snapshots)).filter((name) => !name.startsWith('.')).sort();
  const main = (await readFile(join(path, 'refs', 'main'), 'utf8').catch(() => '')).trim();
  const version = versions.find((name) => name === main) ?? (versions.length === 1 ? versions[0] : undefined);
  if (version !== undefined) return join(snapshots, version);
  throw new ImportError(
    versions.length === 0
      ? `"${path}" is of Hugging Face's cache, but there is no version of the model in it. Fetch it again.`
      : `"${path}" is of Hugging Face's cache and has ${versions.length} versions of the model. Give the folder of one: ${versions
          .slice(0, 4)
          .map((name) => `"${join(snapshots, name)}"`)
          .join(', ')}.`,
  );
}

async function resolveCache(path: string, names: readonly string[]): Promise<string> {
  const models = names.filter((name) => CACHED.test(name)).sort();
  if (models.length === 0) return path;
  if (models.length === 1) return resolveFolder(join(path, models[0] as string));
  throw new ImportError(
    `"${path}" is Hugging Face's cache with ${models.length} models. Give the folder of one: ${models
      .slice(0, 6)
      .map((name) => `"${join(path, name)}"`)
      .join(', ')}.`,
  );
}

/** What a folder without a tokenizer.json may have instead, and how one is made of it. */
export async function describeMissingTokenizer(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const sentencePiece = names.find((name) => name === 'spiece.model' || name.endsWith('.model'));
  const make = `python -c "from transformers import AutoTokenizer as A; A.from_pretrained(r'${folder}').save_pretrained(r'${folder}')"`;
  return sentencePiece === undefined
    ? `There is no tokenizer.json in "${folder}". It belongs to the text encoder and lies beside its weights where those were published.`
    : `There is no tokenizer.json in "${folder}", only ${JSON.stringify(sentencePiece)}, which is not read. Fetch tokenizer.json from where the weights were published, or make it: ${make}`;
}

const isFolder = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
