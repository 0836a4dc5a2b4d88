/**
 * What each graph of a Switti pack takes and gives (METHOD 9). `B` pictures (or branches of the guidance), `S` tokens of a scale, `n` words'
 * tokens, `P` cached tokens, `C` code channels, `D` model width, `V` codebook size.
 *
 * What a prompt does to the layers depends on nothing else: modulations, and keys and values of the words. These are a third of the
 * weights and are computed once for a prompt, so they have a graph of their own, and what it gives is fed to every scale.
 */

/** States of the text encoders -> what the prompt does to each layer. */
export const SWITTI_PROMPT = {
  inputs: {
    /** float32 [n, width of both encoders together] */
    states: 'states',
    /** float32 [1, width of the second]: its state at the end token. */
    pooled: 'pooled',
  },
  outputs: {
    /** float32 [rows, 1, 1, D]; `conditionRows` names the rows. */
    condition: 'condition',
    /** float32 [1, heads, n, head]: of the words, one pair a layer. */
    keys: (layer: number) => `word_keys.${layer}`,
    values: (layer: number) => `word_values.${layer}`,
  },
} as const;

/** Modulations of a block in the order of its `ada_lin`; the scales come as 1 + scale. */
export const BLOCK_ROWS = [
  'attentionGain',
  'feedGain',
  'attentionScale',
  'feedScale',
  'attentionShift',
  'feedShift',
] as const;
export type BlockRow = (typeof BLOCK_ROWS)[number];

/** Rows of the condition. */
export function conditionRows(layers: number) {
  const head = layers * BLOCK_ROWS.length;
  return {
    block: (layer: number, row: BlockRow) => layer * BLOCK_ROWS.length + BLOCK_ROWS.indexOf(row),
    headScale: head,
    headShift: head + 1,
    /** What stands where the first token is predicted from. */
    start: head + 2,
    count: head + 3,
  } as const;
}

/** One scale: its input -> logits of its tokens. */
export const SWITTI_SCALE = {
  inputs: {
    /** float32 [B, S, C]: the features so far, averaged over the cells of this scale; anything finite at the first. */
    vectors: 'vectors',
    /** float32 [1, 1, 1]: 1 at the first scale, which is predicted from the prompt alone; 0 elsewhere. */
    start: 'start',
    /** int64 [1]: number of the scale. */
    scale: 'scale',
    /** int64 [B, S]: place of each token among those of all scales. */
    positions: 'positions',
    condition: 'condition',
    /** float32 [B, heads, n, head]; where branches have fewer words, zeros behind them. */
    wordKeys: (layer: number) => `word_keys.${layer}`,
    wordValues: (layer: number) => `word_values.${layer}`,
    /** float32 [B, 1, 1, n]: 0 at a word, -1e4 behind the last. */
    wordBias: 'word_bias',
    /** float32 [p, B]: guidance as a matrix over the branches. */
    guidanceMix: 'guidance_mix',
    /** Of autoregressive models alone. float32 [B, heads, P, head], P >= 1: one pair a layer; the first place holds nothing. */
    keys: (layer: number) => `keys.${layer}`,
    values: (layer: number) => `values.${layer}`,
    /** Of autoregressive models alone. float32 [1, 1, 1, P + S]: -1e4 at the place that holds nothing, 0 elsewhere. */
    attentionBias: 'attention_bias',
  },
  outputs: {
    /** float32 [p, S, V] */
    logits: 'logits',
    /** Of autoregressive models alone. float32 [B, heads, P + S, head]: the cache of the next scale. */
    keys: (layer: number) => `all_keys.${layer}`,
    values: (layer: number) => `all_values.${layer}`,
  },
  /** Only in graphs built for measuring: float32 [B, S, D], what goes into the first block, and what comes out of each. */
  probes: { input: 'probe_input', block: (layer: number) => `probe_block.${layer}` },
} as const;
