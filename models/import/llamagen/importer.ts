/** LlamaGen's checkpoints become the parts of a pack. */
import { looksWordsUp } from '../../nets/llamagen/flow-head.js';
import type { Importer, PackFields } from '../importer.js';
import type { LlamagenRecipe } from '../recipe.js';
import { type OpenedSources, openSources } from './opened-sources.js';
import { listParts, PATHS } from './parts.js';

export const importLlamagen: Importer<LlamagenRecipe> = async (recipe, files, storage) => {
  const sources = await openSources(recipe, files);
  try {
    return { parts: listParts(sources, storage), fields: describe(sources), close: sources.close };
  } catch (error) {
    // What the networks refuse is said by their builders; nobody else would close the files.
    await sources.close();
    throw error;
  }
};

function describe({ recipe, vq, student, teacher, text }: OpenedSources): PackFields {
  const { condition } = recipe;
  const { downsample } = vq.config;
  const conditioned = (student ?? teacher)?.config.condition;
  return {
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
      // The others can't start from a picture: canEdit in families/llamagen/part.ts.
      ...(student && recipe.student.kind === 'flow-head' ? { encoder: { graph: PATHS.pictures } } : {}),
    },
  };
}
