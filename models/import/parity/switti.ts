/** Every output of a folder like `switti-a`, recomputed from its checkpoints and inputs through ONNX Runtime (SWITTI). */
import * as z from 'zod';
import { isMixed, mixCodes } from '../../families/switti/choose.js';
import { type PromptCondition, readCondition } from '../../families/switti/condition.js';
import { drawScales, type Place, type ScaleSizes } from '../../families/switti/draw-scales.js';
import { createFeatures, type Features } from '../../families/switti/features.js';
import { SWITTI_SCALE } from '../../families/switti/graphs.js';
import type { Guidance } from '../../families/switti/guidance.js';
import { VQ_DECODER } from '../../graphs.js';
import { inferSwitti, type SwittiConfig } from '../../nets/switti/config.js';
import { cropCondition, cropFeatures } from '../../nets/switti/crop.js';
import { buildFeatureDecoder, smoothingOf } from '../../nets/switti/decoder.js';
import { takeSwitti } from '../../nets/switti/network.js';
import { buildSwittiPrompt } from '../../nets/switti/prompt.js';
import { rotaryTables } from '../../nets/switti/rotary.js';
import { buildSwittiScale } from '../../nets/switti/scale.js';
import { kernelOfScales } from '../../nets/var/features.js';
import { readVae } from '../../nets/var/vae.js';
import type { Graph, Outputs } from '../../run/runtime.js';
import { argMax, supportOf } from '../../sampling/logits.js';
import { countTokens, tokensOfScale } from '../../sampling/scales.js';
import { type Computed, marginOf, type Rule } from './compare.js';
import type { ParityFolder } from './folder.js';
import { numbersOf } from './npy.js';
import { join, rowsOf } from './setting.js';
import { recomputePrompts } from './switti-text.js';

/** What no tensor tells. */
const Config = z.object({
  cfg: z.number(),
  /** In scales, as `on`, `off` and `smooth_start`. */
  off: z.number().int(),
  temp: z.number(),
  top_k: z.number().int(),
  top_p: z.number(),
  /** Of prompts.json: the two of the batch, and the negative one. */
  prompts: z.array(z.number().int()).min(1),
  neg: z.number().int(),
  smooth_start: z.number().int(),
  /** Groups of the decoder's norms, where they are not the published 32. */
  groups: z.number().int().positive().optional(),
});

const VALUES: Rule = { kind: 'values' };
/** Guided logits are amplified by up to 1 + 2 cfg; these references are stored as they are. */
const LOGITS: Rule = { kind: 'within', absolute: 2e-3 };

export async function* recomputeSwitti(folder: ParityFolder): AsyncGenerator<Computed> {
  const config = Config.parse(await folder.json('config.json'));
  const prompts = yield* recomputePrompts(folder);

  const vaeCheckpoint = await folder.checkpoint('vae');
  const vae = readVae(vaeCheckpoint, { groups: config.groups });
  const checkpoint = await folder.checkpoint('switti');
  const sizes = inferSwitti(checkpoint, await folder.json('switti/config.json'));
  const weights = takeSwitti(checkpoint, sizes);
  const network = { config: sizes, weights, precision: 'float32' as const };
  const grid = sizes.scales.at(-1) ?? 0;
  const setting = {
    config,
    sizes,
    codebook: await vae.weights.get('quantize.embedding.weight').load(),
    smoothing: await smoothingOf(vae).load(),
    kernels: kernelOfScales(sizes.scales.length, vae.config.kernels),
    prompt: await folder.load(buildSwittiPrompt(network)),
    scale: await folder.load(buildSwittiScale({ ...network, probes: true })),
    decoder: await folder.load(buildFeatureDecoder(vae, { grid })),
  };
  const other = await folder.load(
    buildSwittiScale({ ...network, config: { ...sizes, isAutoregressive: !sizes.isAutoregressive } }),
  );
  yield { name: 'crop.fourier', shape: [sizes.width], values: await cropFeatures(weights), rule: VALUES };
  yield { name: 'crop.cond', shape: [sizes.width], values: await cropCondition(weights).load(), rule: VALUES };
  const rope = rotaryTables(sizes);
  yield { name: 'rope.cos', shape: rope.shape, values: rope.cos, rule: VALUES };
  yield { name: 'rope.sin', shape: rope.shape, values: rope.sin, rule: VALUES };
  await vaeCheckpoint.close();
  await checkpoint.close();

  const read = (index: number) => {
    const { states, words, end } = prompts[index] as (typeof prompts)[number];
    return readCondition(setting.prompt, sizes, states, { words, end });
  };
  // The empty prompt is the first of prompts.json.
  const whole: Setting = {
    ...setting,
    pictures: await Promise.all(config.prompts.map(read)),
    nothing: await read(0),
  };
  const codes = rowsOf(numbersOf(folder.input('codes')), countTokens(sizes.scales));
  yield* decoded(whole, codes);
  yield* teacherForced(whole, codes, { negative: await read(config.neg), other });
  yield* drawn(whole, numbersOf(folder.input('smooth.gumbel')));
}

type Setting = {
  readonly config: z.infer<typeof Config>;
  readonly sizes: SwittiConfig;
  readonly codebook: Float32Array;
  readonly smoothing: Float32Array;
  readonly kernels: readonly number[];
  readonly prompt: Graph;
  readonly scale: Graph;
  readonly decoder: Graph;
  readonly pictures: readonly PromptCondition[];
  readonly nothing: PromptCondition;
};

const featuresOf = ({ sizes, kernels, smoothing }: Setting): Features =>
  createFeatures({ scales: sizes.scales, channels: sizes.channels, kernels }, smoothing);

/** [grid * grid, channels] -> [channels, grid * grid], as the authors' arrays lie. */
function channelsFirst(values: Float32Array, channels: number): Float32Array {
  const places = values.length / channels;
  return Float32Array.from(values, (_, at) => values[(at % places) * channels + Math.floor(at / places)] as number);
}

/** Given codes: their features, their picture, and what follows from them as input of each scale. */
async function* decoded(setting: Setting, codes: readonly (readonly number[])[]): AsyncGenerator<Computed> {
  const { sizes } = setting;
  const { scales, channels } = sizes;
  const grid = scales.at(-1) ?? 0;
  const inputs: Float32Array[] = [];
  const maps: Float32Array[] = [];
  for (const row of codes) {
    const features = featuresOf(setting);
    for (const [scale] of scales.entries()) {
      if (scale > 0) inputs.push(features.next());
      const { from, to } = tokensOfScale(scales, scale);
      features.add(vectorsOf(setting, row.slice(from, to)));
    }
    maps.push(features.values);
  }
  const map = [codes.length, channels, grid, grid];
  yield { name: 'vae.fhat', shape: map, values: join(maps.map((one) => channelsFirst(one, channels))), rule: VALUES };
  yield await pictureOf(setting, 'vae.image', maps, (value) => value);
  const shape = [codes.length, countTokens(scales) - 1, channels];
  yield { name: 'input', shape, values: join(inputs), rule: VALUES };
}

function vectorsOf({ codebook, sizes: { channels } }: Setting, codes: readonly number[]): Float32Array {
  return join(codes.map((code) => codebook.slice(code * channels, (code + 1) * channels)));
}

async function pictureOf(
  { decoder, sizes: { channels } }: Setting,
  name: string,
  maps: readonly Float32Array[],
  change: (value: number) => number,
): Promise<Computed> {
  const shape = [maps.length, (maps[0]?.length ?? 0) / channels, channels];
  const outputs = await decoder.run({ [VQ_DECODER.inputs.latents]: { type: 'float32', shape, data: join(maps) } });
  const image = outputs.float32(VQ_DECODER.outputs.image).map((value) => change(Math.min(Math.max(value, -1), 1)));
  return { name, shape: outputs.shape(VQ_DECODER.outputs.image), values: image, rule: VALUES };
}

type Pass = {
  readonly graph?: Graph;
  readonly isAutoregressive?: boolean;
  readonly pictures?: readonly PromptCondition[];
  readonly nothing?: PromptCondition;
  readonly guidance: Guidance;
  readonly choose: (logits: Float32Array, place: Place, vector: Float32Array) => void;
  readonly watch?: (outputs: Outputs, scale: number) => void;
};

/** One pass over all scales. @returns [scales][pictures] features after each */
async function passOver(setting: Setting, pass: Pass): Promise<Float32Array[][]> {
  const { sizes, codebook } = setting;
  const pictures = pass.pictures ?? setting.pictures;
  const features = pictures.map(() => featuresOf(setting));
  const isAutoregressive = pass.isAutoregressive ?? sizes.isAutoregressive;
  const own: ScaleSizes = { ...sizes, codes: codebook.length / sizes.channels, isAutoregressive };
  const drawing = drawScales(pass.graph ?? setting.scale, own, {
    prompts: pictures,
    nothing: pass.nothing ?? setting.nothing,
    guidance: pass.guidance,
    features,
    choose: pass.choose,
    ...(pass.watch ? { watch: pass.watch } : {}),
  });
  const after: Float32Array[][] = [];
  for await (const _ of drawing) after.push(features.map(({ values }) => values.slice()));
  return after;
}

const always = (guidance: number): Guidance => ({ guidance, guided: { from: 0, until: Number.POSITIVE_INFINITY } });
const NEVER: Guidance = { guidance: 0, guided: { from: 0, until: 0 } };

/** Everything that follows from given codes. */
async function* teacherForced(
  setting: Setting,
  codes: readonly (readonly number[])[],
  { negative, other }: { negative: PromptCondition; other: Graph },
): AsyncGenerator<Computed> {
  const { config, sizes, nothing } = setting;
  const { scales, codes: vocabulary, width, layers } = sizes;
  const total = countTokens(scales);
  const shape = [codes.length, total, vocabulary];
  const logitsOf = async (pass: Omit<Pass, 'choose'>) => {
    const values = new Float32Array(codes.length * total * vocabulary);
    await passOver(setting, {
      ...pass,
      choose(logits, { picture, token }, vector) {
        values.set(logits, (picture * total + token) * vocabulary);
        vector.set(vectorsOf(setting, [codes[picture]?.[token] ?? 0]));
      },
    });
    return values;
  };

  const first: Float32Array[] = [];
  const blocks = Array.from({ length: layers }, () => new Float32Array(codes.length * total * width));
  const watch = (outputs: Outputs, scale: number) => {
    if (scale === 0) first.push(outputs.float32(SWITTI_SCALE.probes.input));
    const { from, to } = tokensOfScale(scales, scale);
    blocks.forEach((block, layer) => {
      const own = outputs.float32(SWITTI_SCALE.probes.block(layer));
      const size = (to - from) * width;
      for (let picture = 0; picture < codes.length; picture++)
        block.set(own.subarray(picture * size, (picture + 1) * size), (picture * total + from) * width);
    });
  };
  const conditional = await logitsOf({ guidance: NEVER, watch });
  const none = await logitsOf({
    guidance: NEVER,
    pictures: codes.map(() => nothing),
    watch: (outputs, scale) => {
      if (scale === 0) first.push(outputs.float32(SWITTI_SCALE.probes.input));
    },
  });
  yield { name: 'first', shape: [2 * codes.length, 1, width], values: join(first), rule: VALUES };
  for (const [layer, values] of blocks.entries())
    yield { name: `block${layer}.output`, shape: [codes.length, total, width], values, rule: VALUES };
  yield { name: 'logits.cond', shape, values: conditional, rule: LOGITS };
  yield { name: 'logits.null', shape, values: none, rule: LOGITS };
  const guided = await logitsOf({ guidance: always(config.cfg) });
  yield { name: 'logits', shape, values: guided, rule: LOGITS };
  const probabilities = (logits: Float32Array) =>
    join(
      Array.from({ length: logits.length / vocabulary }, (_, row) => {
        const cutoffs = { temperature: 1, topK: config.top_k, topP: config.top_p };
        const support = supportOf(logits.slice(row * vocabulary, (row + 1) * vocabulary), cutoffs);
        const shares = new Float32Array(vocabulary);
        support.codes.forEach((code, place) => {
          shares[code] = Math.exp(support.logProbabilities[place] as number);
        });
        return shares;
      }),
    );
  yield { name: 'filter.probs', shape, values: probabilities(guided), rule: LOGITS };
  const until = { guidance: config.cfg, guided: { from: 0, until: config.off } };
  const off = await logitsOf({ guidance: until });
  for (let picture = 0; picture < codes.length; picture++) {
    const late = off.subarray(
      (picture * total + countTokens(scales, config.off)) * vocabulary,
      (picture + 1) * total * vocabulary,
    );
    late.forEach((value, at) => {
      late[at] = value / config.temp;
    });
  }
  const scaled: Rule = { kind: 'within', absolute: 2e-3 / Math.min(1, config.temp) };
  yield { name: 'off.logits', shape, values: off, rule: scaled };
  yield { name: 'off.filter.probs', shape, values: probabilities(off), rule: LOGITS };
  const away = await logitsOf({ guidance: always(config.cfg), nothing: negative });
  yield { name: 'negative.logits', shape, values: away, rule: LOGITS };
  const isAutoregressive = !sizes.isAutoregressive;
  const turned = await logitsOf({ guidance: always(config.cfg), graph: other, isAutoregressive });
  yield { name: isAutoregressive ? 'ar.logits' : 'nonar.logits', shape, values: turned, rule: LOGITS };
}

/** Pictures drawn by arg-max, guided throughout and in the early scales alone, and with mixtures of codes. */
async function* drawn(setting: Setting, gumbel: readonly number[]): AsyncGenerator<Computed> {
  const { config, sizes, codebook } = setting;
  const { scales, channels, codes: vocabulary } = sizes;
  const total = countTokens(scales);
  const count = setting.pictures.length;
  const grid = scales.at(-1) ?? 0;
  const sampling = {
    ...{ guidance: config.cfg, topK: 0, topP: 1, temperature: 1, lateTemperature: config.temp },
    guided: { from: 0, until: config.off },
  };
  for (const [name, guidance, mixedFrom] of [
    ['greedy', always(config.cfg), null],
    ['greedy.off', sampling, null],
    ['smooth', sampling, config.smooth_start],
  ] as const) {
    const codes = Array.from({ length: count }, () => new Array<number>(total).fill(-1));
    const margins = Array.from({ length: count }, () => new Array<number>(total).fill(Number.POSITIVE_INFINITY));
    const embeddings = new Float32Array(count * total * channels);
    const after = await passOver(setting, {
      guidance,
      choose(logits, place, vector) {
        const { picture, scale, token } = place;
        if (isMixed({ ...sampling, mixedFrom }, place)) {
          const noise = (picture * total + token) * vocabulary;
          mixCodes(
            logits,
            { codebook, share: scale / (scales.length - 1) },
            vector,
            (code) => gumbel[noise + code] as number,
          );
        } else {
          const code = argMax(logits);
          (codes[picture] as number[])[token] = code;
          // Behind the temperature, as the authors compare them.
          (margins[picture] as number[])[token] = marginOf(logits) / (scale < guidance.guided.until ? 1 : config.temp);
          vector.set(codebook.subarray(code * channels, (code + 1) * channels));
        }
        embeddings.set(vector, (picture * total + token) * channels);
      },
    });
    const shape = [count, total];
    yield { name: `${name}.codes`, shape, values: Int32Array.from(codes.flat()), rule: { kind: 'codes', margins } };
    yield { name: `${name}.embeddings`, shape: [...shape, channels], values: embeddings, rule: VALUES };
    const maps = join(after.flatMap((pictures) => pictures.map((one) => channelsFirst(one, channels))));
    yield { name: `${name}.fhat`, shape: [scales.length, count, channels, grid, grid], values: maps, rule: VALUES };
    if (mixedFrom === null)
      yield await pictureOf(setting, `${name}.image`, after.at(-1) ?? [], (value) => (value + 1) / 2);
  }
}
