/** The files that an import reads: for its fingerprint and for the pack's provenance. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { openFile } from '../checkpoint/file.js';
import { chooseFile, readIndex } from '../checkpoint/shards.js';
import { ImportError, type Role } from './recipe.js';

export type SourceFile = {
  readonly role: Role;
  readonly path: string;
  /** Relative to what was given: never a path of this machine. */
  readonly name: string;
  readonly size: number;
  readonly modified: number;
};

/** Of a folder of Hugging Face's layout, what describes the text encoder. */
const DESCRIPTION = new Set(['config.json', 'tokenizer.json', 'vocabulary.json']);

export async function listSources(files: Readonly<Partial<Record<Role, string>>>): Promise<SourceFile[]> {
  const sources: SourceFile[] = [];
  for (const [role, path] of Object.entries(files) as [Role, string][]) {
    const found = await stat(path).catch(() => {
      throw new ImportError(`There is nothing at "${path}", given as --${role}.`);
    });
    if (found.isFile()) {
      if (role === 'text' || role === 'text2')
        throw new ImportError(
          `"${path}" is a file; --${role} takes the folder with config.json, tokenizer.json and the weights.`,
        );
      sources.push({ role, path, name: basename(path), size: found.size, modified: found.mtimeMs });
      continue;
    }
    const names = (await readdir(path)).sort();
    const wanted = [...names.filter((name) => DESCRIPTION.has(name)), ...(await weightsOf(path, names))];
    for (const name of wanted) {
      const whole = join(path, name);
      // What is missing is told by whoever opens it.
      const one = await stat(whole).catch(() => undefined);
      if (one)
        sources.push({ role, path: whole, name: `${basename(path)}/${name}`, size: one.size, modified: one.mtimeMs });
    }
  }
  return sources;
}

/** What the checkpoint reader takes where a folder has its weights several times: whole, in parts, rounded, for other libraries. */
async function weightsOf(folder: string, names: readonly string[]): Promise<string[]> {
  const chosen = chooseFile(folder, names);
  if (!chosen.endsWith('.index.json')) return [chosen];
  const index = await openFile(join(folder, chosen));
  try {
    return [chosen, ...(await readIndex(index)).shards];
  } finally {
    await index.close();
  }
}
