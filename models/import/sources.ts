/** The files that an import reads: for its fingerprint and for the pack's provenance. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ImportError, type Role } from './recipe.js';

export type SourceFile = {
  readonly role: Role;
  readonly path: string;
  /** Relative to what was given: never a path of this machine. */
  readonly name: string;
  readonly size: number;
  readonly modified: number;
};

/** Of a folder of Hugging Face's layout, what describes and holds the text encoder. */
const DESCRIPTION = /^(config\.json|tokenizer\.json|vocabulary\.json|.*\.index\.json)$/;

export async function listSources(files: Readonly<Partial<Record<Role, string>>>): Promise<SourceFile[]> {
  const sources: SourceFile[] = [];
  for (const [role, path] of Object.entries(files) as [Role, string][]) {
    const found = await stat(path).catch(() => {
      throw new ImportError(`There is nothing at "${path}", given as --${role}.`);
    });
    if (found.isFile()) {
      if (role === 'text')
        throw new ImportError(
          `"${path}" is a file; --text takes the folder with config.json, tokenizer.json and the weights.`,
        );
      sources.push({ role, path, name: basename(path), size: found.size, modified: found.mtimeMs });
      continue;
    }
    const names = (await readdir(path)).sort();
    // Where a folder has its weights twice, the checkpoint reader takes the safetensors.
    const weights = names.filter((name) => name.endsWith('.safetensors'));
    const wanted = [
      ...names.filter((name) => DESCRIPTION.test(name)),
      ...(weights.length > 0 ? weights : names.filter((name) => /\.(bin|pt|pth)$/.test(name))),
    ];
    for (const name of wanted) {
      const whole = join(path, name);
      const { size, mtimeMs } = await stat(whole);
      sources.push({ role, path: whole, name: `${basename(path)}/${name}`, size, modified: mtimeMs });
    }
  }
  return sources;
}
