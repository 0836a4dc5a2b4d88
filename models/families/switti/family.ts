/** Switti: tokens of ever finer scales from words, one pass of the transformer for each scale (METHOD 9). */
import { VQ_DECODER } from '../../graphs.js';
import type { Pack } from '../../pack.js';
import { teacherAlone } from '../../request/schedule.js';
import { toRgb } from '../../run/image.js';
import type { Family, FamilySession, PackHandle } from '../family.js';
import { checkSchedule, samplingOf } from './check-request.js';
import { swittiInfo } from './info.js';
import { openNetworks } from './networks.js';
import { modelOf } from './part.js';
import { sample } from './sample.js';
import { listUnits } from './units.js';

export const switti: Family = {
  info: swittiInfo,
  open: openSwitti,
  // However many are asked for: one for each scale.
  scheduleOfSteps: () => teacherAlone(),
  checkRequest(pack, request) {
    checkSchedule(modelOf(pack), request);
    return [];
  },
  units: (pack, request) => listUnits(modelOf(pack), request),
  sampling(pack) {
    const { guidance, topK, topP, temperature } = modelOf(pack).sampling;
    return { guidance, topK, topP, temperature };
  },
  describe,
  preference(pack) {
    const { layers, width } = modelOf(pack).transformer;
    return layers * width;
  },
};

function describe(pack: Pack): [string, string][] {
  const { scales, transformer, sampling } = modelOf(pack);
  const { from, until } = sampling.guided;
  return [
    [
      'scales',
      `${scales.join(', ')}, ${transformer.isAutoregressive ? 'each sees those before it' : 'each by itself'}`,
    ],
    ['transformer', `${transformer.layers} layers of ${transformer.width}`],
    ['guidance', `${sampling.guidance} on scales ${from} to ${Math.min(until, scales.length) - 1}`],
  ];
}

function openSwitti(handle: PackHandle): FamilySession {
  const networks = openNetworks(handle);
  const { model } = networks;
  const { channels } = model.codebook;
  const grid = model.scales.at(-1) ?? 0;
  const { width, height } = handle.pack.size;
  return {
    // Features, not tokens: what mixtures of codes add up to has no code.
    channels,
    async load() {
      await Promise.all([networks.scale(), networks.loadPrompt(), networks.codebook(), networks.smoothing()]);
      await networks.decoder();
    },
    async readPrompt(prompt, request) {
      await networks.condition(prompt);
      if (samplingOf(model, request).guidance > 0) await networks.nothing();
    },
    sample: (run) => sample({ ...run, networks }),
    async decode(latents) {
      const outputs = await (await networks.decoder()).run({
        [VQ_DECODER.inputs.latents]: { type: 'float32', shape: [1, grid * grid, channels], data: latents },
      });
      return toRgb(outputs.float32(VQ_DECODER.outputs.image), width, height);
    },
    encode: null,
    probe: null,
  };
}
