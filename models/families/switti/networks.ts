/** Switti's networks of an opened pack: loaded when first wanted, with what recent prompts do to their layers. */
import { TEXT_ENCODER } from '../../graphs.js';
import { GenerateError } from '../../protocol.js';
import { once } from '../../run/once.js';
import type { Prompt } from '../../run/prompt.js';
import { recall } from '../../run/recall.js';
import { type Graph, int64 } from '../../run/runtime.js';
import type { PackHandle } from '../family.js';
import { type PromptCondition, readCondition } from './condition.js';
import type { Smoothing } from './features.js';
import { modelOf, type SwittiModel } from './part.js';

export type Networks = {
  readonly model: SwittiModel;
  scale(): Promise<Graph>;
  decoder(): Promise<Graph>;
  /** float32 [codebook.size, codebook.channels] */
  codebook(): Promise<Float32Array>;
  smoothing(): Promise<Smoothing>;
  /** Loads what `condition` needs. */
  loadPrompt(): Promise<void>;
  /** What a prompt does to each layer; computed for the first of the requests that share it. */
  condition(prompt: Prompt): Promise<PromptCondition>;
  /** The same of the empty prompt. */
  nothing(): Promise<PromptCondition>;
};

/** At full size a prompt of 20 tokens takes 10 MB. */
const REMEMBERED_PROMPTS = 8;

export function openNetworks({ pack, graph, read }: PackHandle): Networks {
  const model = modelOf(pack);
  const { transformer, codebook, smoothing } = model;
  const { condition } = pack;
  if (condition.kind !== 'text') throw new RangeError(`pack ${pack.id} reads no text`);
  const promptGraph = graph(transformer.prompt);
  const encoder = graph(condition.encoder);
  const known = recall<PromptCondition>(REMEMBERED_PROMPTS);
  const numbers = (path: string, expected: number) =>
    once(async () => {
      const bytes = await read(path);
      if (bytes.byteLength !== expected * 4)
        throw new GenerateError(
          'damaged-pack',
          `"${path}" of pack ${pack.id} has ${bytes.byteLength} bytes instead of ${expected * 4}.`,
        );
      return new Float32Array(bytes.slice().buffer);
    });
  const { channels, size } = codebook;
  const kernels = Math.max(...smoothing.kernels) + 1;
  return {
    model,
    scale: graph(transformer.scale),
    decoder: graph(model.decoder.graph),
    codebook: numbers(codebook.file, size * channels),
    smoothing: numbers(smoothing.file, kernels * (channels * channels * 9 + channels)),
    async loadPrompt() {
      await promptGraph();
    },
    async condition(prompt) {
      if (prompt.kind !== 'text') throw new RangeError(`Switti draws texts, not "${prompt.key}"`);
      const words = prompt.states.length / prompt.width;
      const found =
        known.get(prompt.key) ?? (await readCondition(await promptGraph(), transformer, prompt.states, { words }));
      known.set(prompt.key, found);
      return found;
    },
    nothing: once(async () => {
      const { nothing } = model;
      const outputs = await (await encoder()).run({
        [TEXT_ENCODER.inputs.ids]: int64([nothing.length], nothing),
        [TEXT_ENCODER.inputs.positions]: {
          type: 'int32',
          shape: [nothing.length],
          data: Int32Array.from(nothing, (_, index) => index),
        },
      });
      const states = outputs.float32(TEXT_ENCODER.outputs.states);
      return readCondition(await promptGraph(), transformer, states, { words: nothing.length });
    }),
  };
}
