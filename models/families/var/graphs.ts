/**
 * What each graph of a next-scale pack takes and gives (METHOD 8). `B` pictures (or branches of the guidance), `L` tokens of all scales,
 * `S` tokens of this call, `P` cached ones, `C` code channels, `D` model width, `V` codebook size.
 *
 * The class enters every layer through modulations that depend on nothing else. They are a third of a transformer's weights and are
 * needed once for a class, so they have a graph of their own, and what it gives is fed to every step.
 */

/** Class -> what it does to each layer. */
export const VAR_CONDITION = {
  /** int64 [B]: class indices; the one after the last is "none". */
  inputs: { classes: 'classes' },
  /** float32 [rows, B, 1, D]; `conditionRows` names the rows. */
  outputs: { condition: 'condition' },
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
    /** The embedding of the class: what stands where the first token is predicted from. */
    start: head + 2,
    /** Students only. */
    continuousShift: head + 3,
    continuousScale: head + 4,
    teacherCount: head + 3,
    studentCount: head + 5,
  } as const;
}

/**
 * Tokens of the scales so far -> the teacher's input for the next: all are brought to the grid, smoothed and summed, and the sum is
 * averaged over the cells of the next scale. All of it is linear.
 */
export const VAR_LEVELS = {
  inputs: {
    /** float32 [B, L, C]: code vectors, zeros where a token is not known yet. */
    tokens: 'tokens',
    /** float32 [1, scales]: 1 for each scale that is known. */
    known: 'known_scales',
    /** int64 [S]: tokens whose input is wanted. */
    rows: 'rows',
  },
  /** float32 [B, S, C] */
  outputs: { vectors: 'vectors' },
} as const;

/** The transformer that predicts a scale from those before it, with a key/value cache that the caller keeps. */
export const VAR_TEACHER = {
  inputs: {
    /** float32 [B, S, C]: see VAR_LEVELS; anything finite at the first token. */
    vectors: 'vectors',
    /** float32 [1, S, 1]: 1 at the first token, which is predicted from the class alone; 0 elsewhere. */
    start: 'start',
    /** int64 [S]: place of each token among all. */
    positions: 'positions',
    condition: 'condition',
    /** float32 [1, 1, S, P + S], added to the attention scores: 0 if seen, -1e4 if not. */
    attentionBias: 'attention_bias',
    /** float32 [B, heads, P, head], P >= 1: one pair a layer; a place that holds nothing is masked. */
    keys: (layer: number) => `keys.${layer}`,
    values: (layer: number) => `values.${layer}`,
    /** int64 [r]: tokens of this call whose logits are wanted. */
    readRows: 'read_rows',
    /** float32 [p, B]: guidance as a matrix over the branches; an identity reads them out. */
    guidanceMix: 'guidance_mix',
  },
  outputs: {
    /** float32 [p, r, V] */
    logits: 'logits',
    /** float32 [B, heads, P + S, head]: the cache of the next call. */
    keys: (layer: number) => `all_keys.${layer}`,
    values: (layer: number) => `all_values.${layer}`,
  },
} as const;

/**
 * Two-head student: one step. A token sees those of coarser scales and itself, and answers for itself; so a call may end
 * behind any scale. Row 0 of the transformer is the class.
 */
export const VAR_STUDENT = {
  inputs: {
    /** float32 [B, S, C]: the picture's own noise, the same in every step. */
    noise: 'noise',
    /** float32 [B, S, C]: result of the step before; anything finite in the first. */
    latents: 'latents_in',
    /** float32 [1, S, 1]: 1 where the token is data (of a scale that this step keeps), 0 where it is noise. */
    known: 'known',
    /** int64 [S]: 0, 1, 2, ... */
    positions: 'positions',
    condition: 'condition',
    /** float32 [1, 1, 1 + S, 1 + S], added to the attention scores: 0 if seen, -1e4 if not. */
    attentionBias: 'attention_bias',
    /** int64 [d], d >= 1: tokens whose logits are needed. */
    discreteRows: 'discrete_rows',
    /** int64 [c], c >= 1: tokens whose continuous head is needed. */
    continuousRows: 'continuous_rows',
    /** int64 [S]: for each token its row in [latents_in (S); codes looked up (d); continuous (c)]. */
    assemble: 'assemble',
  },
  outputs: {
    /** float32 [B, S, C] */
    latents: 'latents',
    /** int64 [B, d]: arg-max codes at `discrete_rows`. */
    codes: 'codes',
    /** float32 [B, d, V]: for measuring; not fetched, it never leaves ONNX Runtime. */
    logits: 'logits',
  },
  /** Only in graphs built for measuring: network input [B, S, C], continuous head [B, c, C]. */
  probes: { input: 'probe_input', embeddings: 'probe_embeddings' },
} as const;
