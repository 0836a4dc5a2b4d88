/** What a prompt does to each layer (SWITTI_PROMPT): computed once for its words, fed to every scale of every picture of them. */
import type { Feed, Feeds, Graph } from '../../run/runtime.js';
import { SWITTI_PROMPT, SWITTI_SCALE } from './graphs.js';

export type PromptCondition = {
  /** [rows, width] */
  readonly rows: Float32Array;
  readonly words: number;
  /** [heads, words, head] of each layer. */
  readonly keys: readonly Float32Array[];
  readonly values: readonly Float32Array[];
};

export type PromptSizes = {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  /** Channels of a state that are the second encoder's. */
  readonly pooled: number;
};

/**
 * @param states [words, width of both encoders]
 * @param end the token that stands for the whole prompt, the last unless told otherwise
 */
export async function readCondition(
  graph: Graph,
  { layers, pooled }: PromptSizes,
  states: Float32Array,
  { words, end = words - 1 }: { readonly words: number; readonly end?: number },
): Promise<PromptCondition> {
  const context = states.length / words;
  const whole = (end + 1) * context;
  const outputs = await graph.run({
    [SWITTI_PROMPT.inputs.states]: { type: 'float32', shape: [words, context], data: states },
    [SWITTI_PROMPT.inputs.pooled]: { type: 'float32', shape: [1, pooled], data: states.slice(whole - pooled, whole) },
  });
  const each = (name: (layer: number) => string) =>
    Array.from({ length: layers }, (_, layer) => outputs.float32(name(layer)));
  return {
    rows: outputs.float32(SWITTI_PROMPT.outputs.condition),
    words,
    keys: each(SWITTI_PROMPT.outputs.keys),
    values: each(SWITTI_PROMPT.outputs.values),
  };
}

/** Far below any score, and still finite: float16 has no larger numbers than 65,504. */
const MASKED = -1e4;

/** The prompts of a call's rows, in order, as its feeds. */
export function feedConditions(conditions: readonly PromptCondition[], { layers, heads, width }: PromptSizes): Feeds {
  const batch = conditions.length;
  const words = Math.max(...conditions.map((one) => one.words));
  const count = (conditions[0]?.rows.length ?? 0) / width;
  const rows = new Float32Array(count * batch * width);
  const bias = new Float32Array(batch * words);
  conditions.forEach((one, at) => {
    for (let row = 0; row < count; row++)
      rows.set(one.rows.subarray(row * width, (row + 1) * width), (row * batch + at) * width);
    bias.fill(MASKED, at * words + one.words, (at + 1) * words);
  });
  const head = width / heads;
  const joined = (kind: 'keys' | 'values', layer: number): Feed => {
    const data = new Float32Array(batch * heads * words * head);
    conditions.forEach((one, at) => {
      const own = one[kind][layer] as Float32Array;
      for (let index = 0; index < heads; index++)
        data.set(
          own.subarray(index * one.words * head, (index + 1) * one.words * head),
          (at * heads + index) * words * head,
        );
    });
    return { type: 'float32', shape: [batch, heads, words, head], data };
  };
  const feeds: Record<string, Feed> = {
    [SWITTI_SCALE.inputs.condition]: { type: 'float32', shape: [count, batch, 1, width], data: rows },
    [SWITTI_SCALE.inputs.wordBias]: { type: 'float32', shape: [batch, 1, 1, words], data: bias },
  };
  for (let layer = 0; layer < layers; layer++) {
    feeds[SWITTI_SCALE.inputs.wordKeys(layer)] = joined('keys', layer);
    feeds[SWITTI_SCALE.inputs.wordValues(layer)] = joined('values', layer);
  }
  return feeds;
}
