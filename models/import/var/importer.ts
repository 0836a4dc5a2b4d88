/** VAR's checkpoints become the parts of a pack. */
import type { Importer, PackFields } from '../importer.js';
import type { VarRecipe } from '../recipe.js';
import { openSources, type VarSources } from './opened-sources.js';
import { listParts, PATHS } from './parts.js';

export const importVar: Importer<VarRecipe> = async (recipe, files, storage) => {
  const sources = await openSources(recipe, files);
  try {
    return { parts: listParts(sources, storage), fields: describe(sources), close: sources.close };
  } catch (error) {
    // What the networks refuse is said by their builders; nobody else would close the files.
    await sources.close();
    throw error;
  }
};

function describe({ recipe, vae, student, teacher, labels }: VarSources): PackFields {
  const { scales, sampling } = recipe;
  const { codes, channels, downsample } = vae.config;
  const side = (scales.at(-1) ?? 0) * downsample;
  return {
    condition: { kind: 'class', labels: PATHS.labels, classes: labels.length },
    size: { width: side, height: side },
    family: {
      kind: 'var',
      scales,
      downsample,
      codebook: { size: codes, channels },
      student: student
        ? {
            ...recipe.student,
            graph: PATHS.student,
            condition: PATHS.studentClass,
            layers: student.config.layers,
            width: student.config.width,
          }
        : null,
      teacher: teacher
        ? {
            graph: PATHS.teacher,
            condition: PATHS.teacherClass,
            levels: PATHS.levels,
            codebook: PATHS.codebook,
            layers: teacher.config.layers,
            width: teacher.config.width,
            heads: teacher.config.heads,
            sampling,
          }
        : null,
      decoder: { graph: PATHS.decoder },
    },
  };
}
