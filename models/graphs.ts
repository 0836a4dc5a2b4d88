/**
 * What each graph of a pack takes and gives: the seam between the networks that are written (models/nets) and the
 * pipeline that runs them (models/run). Names, dtypes and shapes; `B` pictures, `S` image positions run in this call,
 * `C` codebook channels, `D` model width, `V` codebook size, `n` condition rows, `P` cached positions.
 *
 * The condition, once for a prompt
 *   Condition tokens have an all-zero rotary table, so their queries and keys are 0 (METHOD 2): an image row sees each of
 *   them with logit 0, and a condition row sees itself and those before it uniformly. Exactly the same sums come out of
 *   ONE stand-in key per layer with value mean(v) and logit ln(count). So a layer's whole text prefix is one vector,
 *   and the condition rows need no attention scores, only a causal running mean (`condition_mix`).
 *   Condition rows and image rows are packed into the same matrix products. What comes out of a call that had a prompt's rows
 *   is its `condition`; later calls feed it as `condition_cache`, with a pool of zeros and one dummy row of zeros.
 *   Rows of different prompts, and the unconditional branch of the guidance, can share a call: mix is block-diagonal.
 */

/** Token ids -> states of the text encoder. */
export const TEXT_ENCODER = {
  inputs: {
    /** int64 [n] */
    ids: 'ids',
    /** int32 [n]: 0, 1, 2, ... */
    positions: 'positions',
  },
  /** float32 [n, width] */
  outputs: { states: 'states' },
} as const;

/** Inputs that student and teacher share. */
export const CONDITION = {
  /** float32 [s, width]: text states, the prompts' one after the other (text packs only). */
  states: 'states',
  /**
   * int64 [n]. Class packs: class indices (`classes` is the unconditional one). Text teachers: rows of
   * [states; unconditional table of T rows], so row s + T - k is the k-th from the end of the table. Text students have
   * no such input: their n rows are `states`.
   */
  rows: 'condition_rows',
  /** float32 [n, n]: row i holds 1/(i+1) at the rows of its own prompt up to itself. */
  mix: 'condition_mix',
  /** float32 [B, n]: row b holds 1/count at the rows of picture b's prompt; zeros when the cache speaks for it. */
  pool: 'condition_pool',
  /** float32 [layers + 1, B, D]: 0 the mean caption embedding, 1.. the mean values of each layer; zeros in the first call. */
  cache: 'condition_cache',
  /** float32 [layers + 1, B, D]: output, to be fed as `cache` from then on. */
  output: 'condition',
} as const;

/** How the image rows of a call lie and what they see; given from outside so that no graph computes a shape or a mask. */
export const LAYOUT = {
  /** int64 [3] = [B, S, -1] */
  imageShape: 'image_shape',
  /** int64 [1] = [B * S] */
  imageRows: 'image_rows',
  /**
   * float32 [B, 1, S, 1 + P + S], added to the attention scores: column 0 is the stand-in key of the condition, ln(count);
   * then P cached positions (teacher only; P is the whole grid) and the S positions of this call: 0 if seen, -1e4 if not.
   */
  attentionBias: 'attention_bias',
} as const;

/** Two-head student: one step (METHOD 5). */
export const STUDENT = {
  inputs: {
    /** float32 [B, S, C]: the picture's own noise, the same in every step. */
    noise: 'noise',
    /** float32 [B, S, C]: result of the step before; anything finite in the first. */
    latents: 'latents_in',
    /** float32 [1, S, 1]: 1 where the position is data (below the time of this step), 0 where it is noise. */
    known: 'known',
    /** int64 [d], d >= 1: positions whose logits are needed. */
    discreteRows: 'discrete_rows',
    /** int64 [c], c >= 1: positions whose continuous head is needed. */
    continuousRows: 'continuous_rows',
    /** int64 [S]: for each position its row in [latents_in (S); codes looked up (d); continuous (c)]. */
    assemble: 'assemble',
  },
  outputs: {
    /** float32 [B, S, C] */
    latents: 'latents',
    /** int64 [B, d]: arg-max codes at `discrete_rows`. */
    codes: 'codes',
    /** float32 [B, d, V]: what they are the arg-max of. For measuring: not fetched, it never leaves ONNX Runtime. */
    logits: 'logits',
  },
  /** Only in graphs built for measuring: network input [B, S, C], continuous head [B, c, C]. */
  probes: { input: 'probe_input', embeddings: 'probe_embeddings' },
} as const;

/**
 * Flow-head student: one pass. Like the teacher, row i of the image rows reads what stands at position i and predicts code i + 1,
 * and a prompt's last condition row predicts code 0, which is therefore known before any pass; but a position that is not known yet
 * is read as its noise. The code is the
 * flow map (METHOD 4) of the position's noise and the predicted logits (models/families/llamagen/flow-head.ts). With every position known the
 * network is a teacher: reading its own codes again refines them.
 */
export const FLOW_STUDENT = {
  inputs: {
    /** float32 [B, S, C]: the pictures' own noise. */
    noise: 'noise',
    /** int64 [B, S]: codes so far; any code where `known` is 0. */
    codes: 'codes',
    /** float32 [1, S, 1]: 1 where the code is known. */
    known: 'known',
    /** int64 [r]: rows whose logits are wanted, of [image rows (B * S); condition rows (n)]. */
    readRows: 'read_rows',
    /** int64 [1] = [S]: where the rows end, counted from position 0. */
    end: 'end',
    /** float32 [w, text width]: the prompt's states, whole, in every call; only where image rows look words up (pack: `words`). */
    words: 'words',
    /** int64 [S, LAYOUT_FIELDS]: what stands at positions 1..S, of all pictures of a call; only where rows are told it (pack: `layout`). */
    layout: 'layout',
  },
  outputs: {
    /** float32 [r, V] */
    logits: 'logits',
  },
} as const;

/**
 * What a layout map says of a position (models/families/llamagen/layout-map.ts), in numbers from 0, which is nothing; `behind` is the thing that
 * the first one lies on.
 */
export const LAYOUT_FIELDS = [
  'thing',
  'cell',
  'detail',
  'colour',
  'behind',
  'behind cell',
  'behind detail',
  'behind colour',
  'ground',
  'direction',
  'light',
  'ground colour 1',
  'ground colour 2',
  'ground colour 3',
  'ground colour 4',
  'place',
] as const;

/** Teacher: any number of codes a call, one in ordinary sampling, with a key/value cache that the caller keeps. */
export const TEACHER = {
  inputs: {
    /** int64 [B, S]: codes that go in; the row of code i predicts code i + 1. */
    codes: 'codes',
    /** int64 [1]: position of the first of them. */
    start: 'start',
    /** float32 [B, heads, P, head]: one pair a layer, `keys.0`, `values.0`, ... P is the whole grid; unused positions are masked. */
    keys: (layer: number) => `keys.${layer}`,
    values: (layer: number) => `values.${layer}`,
    /** int64 [r]: rows whose logits are wanted, of [image rows (B * S); condition rows (n)]. The last condition row predicts code 0. */
    readRows: 'read_rows',
    /** float32 [p, r]: guidance as a matrix; a row with `scale` and `1 - scale` mixes the two branches, an identity reads them out. */
    guidanceMix: 'guidance_mix',
  },
  outputs: {
    /** float32 [p, V] */
    logits: 'logits',
    /** float32 [B, heads, S, head]: to be written into the cache at `start`. */
    keys: (layer: number) => `new_keys.${layer}`,
    values: (layer: number) => `new_values.${layer}`,
  },
} as const;

/** Latents -> picture. Takes any vectors, not only codebook rows. */
export const VQ_DECODER = {
  /** float32 [B, rows * columns, C] */
  inputs: { latents: 'latents' },
  /** float32 [B, 3, height, width], -1..1, unclamped */
  outputs: { image: 'image' },
} as const;

/** Picture -> codes: for measuring and for training data. */
export const VQ_ENCODER = {
  /** float32 [B, 3, height, width], -1..1 */
  inputs: { image: 'image' },
  /** int64 [B, rows * columns] */
  outputs: { codes: 'codes' },
  /** Only in graphs built for measuring: float32 [B, rows * columns, V], products of each latent with the codebook rows. */
  probes: { similarity: 'probe_similarity' },
} as const;
