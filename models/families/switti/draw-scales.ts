/** The loop over the scales: each is one pass of the transformer, whose tokens are chosen and added to the features (SWITTI 1.6). */
import { type Feed, type Feeds, type Graph, int64, type Outputs } from '../../run/runtime.js';
import { countTokens } from '../../sampling/scales.js';
import { feedConditions, type PromptCondition, type PromptSizes } from './condition.js';
import type { Features } from './features.js';
import { SWITTI_SCALE } from './graphs.js';
import { type Guidance, guidanceAt, runsNothing } from './guidance.js';

export type ScaleSizes = PromptSizes & {
  readonly scales: readonly number[];
  readonly codes: number;
  readonly channels: number;
  readonly isAutoregressive: boolean;
};

/** Where a token stands, and what was done to its logits. */
export type Place = {
  readonly picture: number;
  readonly scale: number;
  /** Among the tokens of all scales. */
  readonly token: number;
  /** Null where guidance has not begun or has ended. */
  readonly guidance: number | null;
};

export type ScaleRun = {
  /** The prompt of each picture. */
  readonly prompts: readonly PromptCondition[];
  /** What guidance leads away from. */
  readonly nothing: PromptCondition;
  readonly guidance: Guidance;
  /** Of each picture, nothing added yet. */
  readonly features: readonly Features[];
  /** Turns the logits [codes] of a token into its vector, written into `vector` [channels]. */
  choose(logits: Float32Array, place: Place, vector: Float32Array): void;
  /** For measuring: all that the graph gave, [branches of the call]. */
  readonly watch?: (outputs: Outputs, scale: number) => void;
};

/** Yields after each scale, its tokens [pictures][side * side, channels] added to the features; the caller owns progress and cancellation. */
export async function* drawScales(
  graph: Graph,
  sizes: ScaleSizes,
  run: ScaleRun,
): AsyncGenerator<readonly Float32Array[]> {
  const { scales, channels, codes, isAutoregressive } = sizes;
  const pictures = run.prompts.length;
  let branches = 0;
  let prompts: Feeds = {};
  let cache: Feeds = {};
  for (const [scale, side] of scales.entries()) {
    const count = side * side;
    const from = countTokens(scales, scale);
    const wanted = runsNothing(run.guidance, scale, scales.length, isAutoregressive) ? 2 : 1;
    if (wanted !== branches) {
      const rows = [...run.prompts, ...(wanted === 2 ? run.prompts.map(() => run.nothing) : [])];
      prompts = feedConditions(rows, sizes);
      cache = isAutoregressive ? (scale === 0 ? emptyCache(sizes, rows.length) : firstRows(cache, pictures)) : {};
      branches = wanted;
    }
    const batch = pictures * branches;
    const guidance = guidanceAt(run.guidance, scale, scales.length);
    const outputs = await graph.run({
      ...prompts,
      ...cache,
      [SWITTI_SCALE.inputs.vectors]: joinInputs(run.features, branches, count, channels),
      [SWITTI_SCALE.inputs.start]: { type: 'float32', shape: [1, 1, 1], data: Float32Array.of(scale === 0 ? 1 : 0) },
      [SWITTI_SCALE.inputs.scale]: int64([1], [scale]),
      [SWITTI_SCALE.inputs.positions]: int64(
        [batch, count],
        Array.from({ length: batch * count }, (_, at) => from + (at % count)),
      ),
      [SWITTI_SCALE.inputs.guidanceMix]: mixBranches(pictures, branches, guidance ?? 0),
      ...(isAutoregressive ? { [SWITTI_SCALE.inputs.attentionBias]: allButTheFirst(1 + from + count) } : {}),
    });
    run.watch?.(outputs, scale);
    if (isAutoregressive) cache = nextCache(sizes, outputs);
    const logits = outputs.float32(SWITTI_SCALE.outputs.logits);
    const chosen = run.features.map((features, picture) => {
      const tokens = new Float32Array(count * channels);
      for (let token = 0; token < count; token++) {
        const at = (picture * count + token) * codes;
        const vector = tokens.subarray(token * channels, (token + 1) * channels);
        run.choose(logits.subarray(at, at + codes), { picture, scale, token: from + token, guidance }, vector);
      }
      features.add(tokens);
      return tokens;
    });
    yield chosen;
  }
}

/** Inputs of a scale, the pictures' one after the other, for each branch again. */
function joinInputs(features: readonly Features[], branches: number, count: number, channels: number): Feed {
  const data = new Float32Array(branches * features.length * count * channels);
  features.forEach((own, picture) => {
    const input = own.next();
    for (let branch = 0; branch < branches; branch++)
      data.set(input, (branch * features.length + picture) * count * channels);
  });
  return { type: 'float32', shape: [branches * features.length, count, channels], data };
}

/** float32 [pictures, batch] */
function mixBranches(pictures: number, branches: number, t: number): Feed {
  const batch = pictures * branches;
  const data = new Float32Array(pictures * batch);
  for (let picture = 0; picture < pictures; picture++) {
    data[picture * batch + picture] = branches === 2 ? 1 + t : 1;
    if (branches === 2) data[picture * batch + pictures + picture] = -t;
  }
  return { type: 'float32', shape: [pictures, batch], data };
}

function allButTheFirst(places: number): Feed {
  const data = new Float32Array(places);
  data[0] = -1e4;
  return { type: 'float32', shape: [1, 1, 1, places], data };
}

/** One place that holds nothing and is masked for ever: empty tensors are a trap on some providers. */
function emptyCache({ layers, heads, width }: ScaleSizes, batch: number): Feeds {
  const feed: Feed = {
    type: 'float32',
    shape: [batch, heads, 1, width / heads],
    data: new Float32Array(batch * width),
  };
  return Object.fromEntries(
    Array.from({ length: layers }, (_, layer) => [
      [SWITTI_SCALE.inputs.keys(layer), feed],
      [SWITTI_SCALE.inputs.values(layer), feed],
    ]).flat(),
  );
}

function nextCache({ layers }: ScaleSizes, outputs: Outputs): Feeds {
  const feed = (name: string): Feed => ({ type: 'float32', shape: outputs.shape(name), data: outputs.float32(name) });
  return Object.fromEntries(
    Array.from({ length: layers }, (_, layer) => [
      [SWITTI_SCALE.inputs.keys(layer), feed(SWITTI_SCALE.outputs.keys(layer))],
      [SWITTI_SCALE.inputs.values(layer), feed(SWITTI_SCALE.outputs.values(layer))],
    ]).flat(),
  );
}

/** The rows with a prompt, when those without one have done their part. */
function firstRows(cache: Feeds, rows: number): Feeds {
  return Object.fromEntries(
    Object.entries(cache).map(([name, { shape, data }]) => {
      const row = data.length / (shape[0] ?? 1);
      return [
        name,
        {
          type: 'float32',
          shape: [rows, ...shape.slice(1)],
          data: Float32Array.from(data as Float32Array).subarray(0, rows * row),
        },
      ];
    }),
  );
}
