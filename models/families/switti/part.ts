/** Switti's part of pack.json: scales of tokens, the networks that draw them, and how guidance comes and goes on the way. */
import * as z from 'zod/mini';
import { type Pack, PackPath, type UsedFile } from '../../pack.js';
import { Sampling } from '../../protocol.js';
import { integer, list } from '../../schema.js';

export const KIND = 'switti';

/** The published model of 1,024 pixels has 9,451 tokens, 64 x 64 of them in its last scale. */
const MAXIMUM_SIDE = 64;

const MAXIMUM_SCALES = 64;
const scaleNumber = integer(0, MAXIMUM_SCALES);

/** Settings of the sampling that a request does not have. All count scales. */
export const SwittiSampling = z.strictObject({
  ...Sampling.shape,
  /** The first scale with guidance, and the first without it again. */
  guided: z.strictObject({ from: scaleNumber, until: scaleNumber }),
  /** What logits are divided by where guidance has ended. */
  lateTemperature: z.number().check(z.gt(0), z.maximum(100)),
  /** The first scale whose tokens are mixtures of codes, drawn by Gumbel noise, until guidance ends; null for none. */
  mixedFrom: z.nullable(scaleNumber),
});
export type SwittiSampling = z.infer<typeof SwittiSampling>;

export const SwittiPart = z.strictObject({
  kind: z.literal(KIND),
  /** Sides of the token maps, coarse to fine. */
  scales: list(integer(1, MAXIMUM_SIDE), 1, MAXIMUM_SCALES),
  /** Pixels a side for each token of the finest scale. */
  downsample: integer(1, 64),
  codebook: z.strictObject({
    size: integer(2, 1_000_000),
    channels: integer(1, 1024),
    /** Float32 file `[size, channels]`. */
    file: PackPath,
  }),
  smoothing: z.strictObject({
    /** Float32 file: kernels `[n, channels, channels, 3, 3]`, then their biases `[n, channels]`. */
    file: PackPath,
    /** The kernel of each scale. */
    kernels: list(integer(0, 63), 1, MAXIMUM_SCALES),
  }),
  transformer: z.strictObject({
    /** Graph: states of a prompt -> what it does to each layer. */
    prompt: PackPath,
    /** Graph: input of a scale -> logits. */
    scale: PackPath,
    layers: integer(1, 1000),
    width: integer(1, 65_536),
    heads: integer(1, 1000),
    /** Whether a scale sees those before it, from a cache. */
    isAutoregressive: z.boolean(),
    /** Channels of a text state that are the second encoder's; at the last token they stand for the whole prompt. */
    pooled: integer(1, 65_536),
  }),
  /** Token ids of the empty prompt: what guidance leads away from. */
  nothing: list(integer(0, 1_000_000), 1, 100),
  sampling: SwittiSampling,
  decoder: z.strictObject({ graph: PackPath }),
});
export type SwittiPart = z.infer<typeof SwittiPart>;

/** What Switti's code reads of a pack. */
export type SwittiModel = SwittiPart & { readonly id: string };

export function modelOf({ id, family }: Pick<Pack, 'id' | 'family'>): SwittiModel {
  if (family.kind !== KIND) throw new RangeError(`pack ${id} is of the family ${family.kind}`);
  // Its `kind` says which schema it passed when pack.json was read.
  return { id, ...(family as SwittiPart) };
}

export function listFiles(pack: Pack): UsedFile[] {
  const { transformer, decoder, codebook, smoothing } = modelOf(pack);
  return [
    { path: transformer.prompt, role: 'transformer' },
    { path: transformer.scale, role: 'transformer' },
    { path: decoder.graph, role: 'decoder' },
    { path: codebook.file, role: 'data' },
    { path: smoothing.file, role: 'data' },
  ];
}

type Fault = { readonly path: readonly (string | number)[]; readonly message: string };

export function findFaults(pack: Pack): Fault[] {
  const { scales, downsample, transformer, smoothing, sampling } = modelOf(pack);
  const faults: Fault[] = [];
  const complain = (path: readonly (string | number)[], message: string) => faults.push({ path, message });
  const side = (scales.at(-1) ?? 0) * downsample;
  if (pack.size.width !== side || pack.size.height !== side)
    complain(['scales'], `make ${side} x ${side} pixels, and "size" says ${pack.size.width} x ${pack.size.height}`);
  if (!scales.every((one, index) => index === 0 || one > (scales[index - 1] as number)))
    complain(['scales'], `scales must rise: ${scales.join(', ')}`);
  if (smoothing.kernels.length !== scales.length)
    complain(['smoothing', 'kernels'], `are ${smoothing.kernels.length} for ${scales.length} scales`);
  if (sampling.guided.from > sampling.guided.until)
    complain(['sampling', 'guided'], `guidance ends at ${sampling.guided.until}, before ${sampling.guided.from}`);
  const { width, heads } = transformer;
  if (width % heads !== 0) complain(['transformer', 'heads'], `${width} is not a width that ${heads} heads can share`);
  if (pack.condition.kind !== 'text') complain(['kind'], 'draws texts, and "condition" says classes');
  else if (transformer.pooled > pack.condition.width)
    complain(
      ['transformer', 'pooled'],
      `${transformer.pooled} channels are more than the ${pack.condition.width} of a state`,
    );
  return faults;
}
