/** Switti's folders become the parts of a pack. */
import { kernelOfScales } from '../../nets/var/features.js';
import type { Importer, PackFields } from '../importer.js';
import type { SwittiRecipe } from '../recipe.js';
import { openSources, type SwittiSources } from './opened-sources.js';
import { listParts, PATHS } from './parts.js';

export const importSwitti: Importer<SwittiRecipe> = async (recipe, files, storage) => {
  const sources = await openSources(recipe, files);
  try {
    return { parts: listParts(sources, storage), fields: describe(sources), close: sources.close };
  } catch (error) {
    // What the networks refuse is said by their builders; nobody else would close the files.
    await sources.close();
    throw error;
  }
};

function describe({ recipe, vae, config, tokenizer }: SwittiSources): PackFields {
  const { scales, layers, width, heads, isAutoregressive, pooled, context } = config;
  const { codes, channels, kernels, downsample } = vae.config;
  const side = (scales.at(-1) ?? 0) * downsample;
  return {
    condition: {
      kind: 'text',
      encoder: PATHS.encoder,
      tokenizer: PATHS.tokenizer,
      tokens: recipe.tokens,
      width: context,
      cleaning: 'clip',
    },
    size: { width: side, height: side },
    family: {
      kind: 'switti',
      scales,
      downsample,
      codebook: { size: codes, channels, file: PATHS.codebook },
      smoothing: { file: PATHS.smoothing, kernels: kernelOfScales(scales.length, kernels) },
      transformer: { prompt: PATHS.prompt, scale: PATHS.scale, layers, width, heads, isAutoregressive, pooled },
      nothing: tokenizer.nothing,
      sampling: { ...recipe.sampling, ...recipe.drawing },
      decoder: { graph: PATHS.decoder },
    },
  };
}
