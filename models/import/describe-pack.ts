/** What pack.json says of a pack that was imported. */
import { Pack } from '../families/packs.js';
import { looksWordsUp } from '../nets/llamagen/flow-head.js';
import type { PackFile } from '../pack.js';
import { PACK_VERSION } from '../upgrade-pack.js';
import type { OpenedSources } from './llamagen/opened-sources.js';
import { PATHS } from './llamagen/parts.js';
import { ImportError } from './recipe.js';
import type { SourceFile } from './sources.js';
import { STORAGE, type StorageName } from './storage.js';

/** The pack of sources of which nothing is made yet: its files are there by name. @throws ImportError as `describePack` does */
export function describeUnmade(sources: OpenedSources, sourceFiles: readonly SourceFile[], storage: StorageName): Pack {
  const sha256 = '0'.repeat(64);
  return describePack(sources, {
    files: Object.values(PATHS).map((path) => ({ path, size: 0, sha256 })),
    provenance: sourceFiles.map(({ role, name, size }) => ({ role, file: name, size, sha256 })),
    storage,
  });
}

/** @throws ImportError that names what no runtime would take */
export function describePack(
  { recipe, vq, student, teacher, text }: OpenedSources,
  {
    files,
    provenance,
    storage,
  }: { files: PackFile[]; provenance: Pack['provenance']['sources']; storage: StorageName },
): Pack {
  const { condition } = recipe;
  const { downsample } = vq.config;
  const { name, description, ideas, licence, notes, transparency } = recipe.pack;
  const conditioned = (student ?? teacher)?.config.condition;
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
    condition:
      condition.kind === 'text'
        ? {
            kind: 'text',
            encoder: PATHS.encoder,
            tokenizer: PATHS.tokenizer,
            tokens: condition.tokens,
            width: text?.encoder.config.width,
            cleaning: condition.cleaning,
          }
        : {
            kind: 'class',
            labels: PATHS.labels,
            classes: conditioned?.kind === 'class' ? conditioned.classes : undefined,
          },
    ...(text?.vocabulary ? { vocabulary: PATHS.vocabulary } : {}),
    ...(transparency ? { transparency } : {}),
    size: { width: recipe.grid.columns * downsample, height: recipe.grid.rows * downsample },
    family: {
      kind: 'llamagen',
      grid: { ...recipe.grid, downsample },
      codebook: { size: vq.config.codes, channels: vq.config.channels },
      student: student
        ? {
            ...recipe.student,
            graph: PATHS.student,
            layers: student.config.layers,
            width: student.config.width,
            ...(recipe.student.kind === 'flow-head' ? { sampling: recipe.sampling, codebook: PATHS.codebook } : {}),
            ...(looksWordsUp(student.checkpoint) ? { words: true } : {}),
          }
        : null,
      teacher: teacher
        ? {
            graph: PATHS.teacher,
            layers: teacher.config.layers,
            width: teacher.config.width,
            heads: teacher.config.heads,
            sampling: recipe.sampling,
            codebook: PATHS.codebook,
          }
        : null,
      decoder: { graph: PATHS.decoder },
    },
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
