/** The parts of a Switti pack: graphs, codebook, smoothing kernels, tokenizer. */
import { buildClipEncoders } from '../../nets/clip.js';
import { buildFeatureDecoder, smoothingOf } from '../../nets/switti/decoder.js';
import { buildSwittiPrompt } from '../../nets/switti/prompt.js';
import { buildSwittiScale } from '../../nets/switti/scale.js';
import { dataPart, graphPart, numbersPart, type Part } from '../part.js';
import type { Storage } from '../storage.js';
import type { SwittiSources } from './opened-sources.js';

/** Where the parts lie in a pack. */
export const PATHS = {
  decoder: 'decoder.onnx',
  prompt: 'prompt.onnx',
  scale: 'scale.onnx',
  encoder: 'text-encoder.onnx',
  tokenizer: 'tokenizer.json',
  codebook: 'codebook.f32',
  smoothing: 'smoothing.f32',
} as const;

/** What is to be made, in order. */
export function listParts({ vae, config, weights, encoders, tokenizer }: SwittiSources, storage: Storage): Part[] {
  const network = { config, weights, precision: storage.transformer };
  const grid = config.scales.at(-1) ?? 0;
  return [
    graphPart('decoder', PATHS.decoder, buildFeatureDecoder(vae, { grid, store: storage.decoder })),
    numbersPart('codebook', PATHS.codebook, vae.weights.get('quantize.embedding.weight')),
    numbersPart('smoothing', PATHS.smoothing, smoothingOf(vae)),
    graphPart('prompt', PATHS.prompt, buildSwittiPrompt(network)),
    graphPart('transformer', PATHS.scale, buildSwittiScale(network)),
    graphPart('encoders', PATHS.encoder, buildClipEncoders(encoders, { store: storage.text })),
    dataPart('tokenizer', PATHS.tokenizer, async () => tokenizer.bytes),
  ];
}
