/** What pack.json says of a pack that was imported. */
import { Pack } from '../families/packs.js';
import type { PackFile } from '../pack.js';
import { PACK_VERSION } from '../upgrade-pack.js';
import type { Opened, PackFields } from './importer.js';
import { ImportError, type Recipe } from './recipe.js';
import type { SourceFile } from './sources.js';
import { STORAGE, type StorageName } from './storage.js';

/** The pack of parts of which nothing is made yet: its files are there by name. @throws ImportError as `describePack` does */
export function describeUnmade(
  recipe: Recipe,
  { parts, fields }: Opened,
  sourceFiles: readonly SourceFile[],
  storage: StorageName,
): Pack {
  const sha256 = '0'.repeat(64);
  return describePack(recipe, fields, {
    files: parts.map(({ path }) => ({ path, size: 0, sha256 })),
    provenance: sourceFiles.map(({ role, name, size }) => ({ role, file: name, size, sha256 })),
    storage,
  });
}

/** @throws ImportError that names what no runtime would take */
export function describePack(
  recipe: Recipe,
  fields: PackFields,
  {
    files,
    provenance,
    storage,
  }: { files: PackFile[]; provenance: Pack['provenance']['sources']; storage: StorageName },
): Pack {
  const { name, description, ideas, licence, notes, transparency } = recipe.pack;
  return asPack({
    format: 'twostep-pack',
    version: PACK_VERSION,
    id: recipe.name,
    name,
    description,
    ideas,
    licence,
    provenance: { recipe: recipe.name, sources: provenance, notes },
    precision: { storage, providers: [...STORAGE[storage].providers], quality: null },
    ...fields,
    ...(transparency ? { transparency } : {}),
    files,
  });
}

/** @throws ImportError with all that is wrong: it was given by the person, or has grown too long on the way */
export function asPack(value: unknown): Pack {
  const parsed = Pack.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ImportError(`This would not become a pack that can be used: ${faults.join('; ')}.`);
}
