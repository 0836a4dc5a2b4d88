/**
 * The flow-head student (models/graphs.ts, FLOW_STUDENT): a pass predicts distributions, and the codes are the flow map of the
 * pictures' own noise. Reading its codes again refines them: each pass makes at least one more position final, and a picture
 * that a pass does not change is what the network would have drawn one code after the other.
 */
import { CONDITION, FLOW_STUDENT, LAYOUT, LAYOUT_FIELDS } from '../../graphs.js';
import { GenerateError } from '../../protocol.js';
import { type Feeds, type Graph, int64 } from '../../run/runtime.js';
import { createFlowMap, type FlowMap } from '../../sampling/flow-map.js';
import { supportOf } from '../../sampling/logits.js';
import { range } from '../../sampling/schedule.js';
import { attentionBias } from './attention-bias.js';
import { type CachedCondition, cacheCondition, feedConditions } from './condition.js';
import { layoutMap } from './layout-map.js';
import type { LlamaGenModel } from './part.js';
import type { PromptFeeds } from './prompt-feeds.js';

/** What of a pack a pass depends on. */
export type FlowPack = Pick<LlamaGenModel, 'id' | 'grid' | 'codebook' | 'student'>;

export type FlowPass = {
  /** Positions below this keep their codes. */
  readonly keep: number;
  /** Positions below this are read as codes, the others as noise. */
  readonly known: number;
  /** Positions from `keep` up to this get new codes. */
  readonly until: number;
  /** [positions]: 1 where the code of a picture that was there before stays, and is read as a code wherever it stands; null: nowhere. */
  readonly fixed?: Uint8Array | null;
};

export type FlowResult = {
  /** Of all pictures, [pictures][positions]. */
  readonly codes: readonly Int32Array[];
  /**
   * Positions from the start that a pass left as they were or changed first, in every picture. If it read all codes, these are final:
   * each follows from codes before it that the pass confirmed.
   */
  readonly settled: number;
};

/** The passes of the student's steps; with `whole` every one of them draws all positions (for a draft). */
export function planFlow(times: readonly number[], steps: number, total: number, whole: boolean): FlowPass[] {
  if (steps < 1 || steps > times.length)
    throw new RangeError(`${steps} steps asked of a student that was trained for 1 to ${times.length}`);
  return times.slice(0, steps).map((known, step) => {
    const next = step === steps - 1 || whole ? total : (times[step + 1] ?? total);
    return { keep: known, known, until: next };
  });
}

/** Runs the condition rows of a prompt, once for all passes and pictures; what they say of code 0 stays with them. */
export async function readFlowCondition(graph: Graph, pack: FlowPack, prompt: PromptFeeds): Promise<CachedCondition> {
  const { layers, width } = studentOf(pack);
  const feeds: Feeds = {
    ...feedConditions([{ kind: 'fresh', count: prompt.count }], [0], { layers, width }),
    ...prompt.rows('student', 1),
    ...feedWords(pack, prompt),
    ...feedLayout(pack, prompt, 1),
    ...feedImage(pack, prompt.count, new Float32Array(pack.codebook.channels), [new Int32Array(1)], {
      known: new Float32Array(1),
      rows: 1,
      read: [prompt.count],
    }),
  };
  const outputs = await graph.run(feeds);
  const where = { picture: 0, batch: 1, count: prompt.count };
  const condition = cacheCondition(outputs.float32(CONDITION.output), where, { layers, width });
  return { ...condition, firstLogits: outputs.float32(FLOW_STUDENT.outputs.logits).slice() };
}

/**
 * One pass over all pictures of a batch.
 *
 * @param noise [pictures, positions, channels]
 * @param codes [pictures][positions]
 */
export async function runFlowHead(
  graph: Graph,
  pack: FlowPack,
  { prompt, condition, codebook }: { prompt: PromptFeeds; condition: CachedCondition; codebook: Float32Array },
  pass: FlowPass,
  noise: Float32Array,
  codes: readonly Int32Array[],
): Promise<FlowResult> {
  const { layers, width, sampling } = studentOf(pack);
  const { channels, size } = pack.codebook;
  const batch = codes.length;
  const total = noise.length / batch / channels;
  const map = createFlowMap({ codebook, channels });
  const { fixed = null } = pass;
  // Code 0 is the condition's alone to say, so it is there before any row runs, and even the first pass reads it.
  const begun = pass.keep > 0 || fixed?.[0] ? codes : drawFirst(map, condition, pack, noise, codes);
  const rows = Math.max(1, pass.until - 1);
  // The row of position i predicts code i + 1; code 0 is the condition's to say.
  const first = Math.max(1, pass.keep);
  const drawn = range(first, pass.until).filter((position) => !fixed?.[position]);
  const wanted = range(0, batch).flatMap((picture) => drawn.map((position) => picture * rows + position - 1));
  const outputs =
    wanted.length > 0
      ? await graph.run(
          {
            ...feedConditions([condition], Array<number>(batch).fill(0), { layers, width }),
            ...prompt.dummyRow('student'),
            ...feedWords(pack, prompt),
            ...feedLayout(pack, prompt, rows),
            ...feedImage(pack, prompt.count, noise, begun, {
              known: knownIn(pass, rows),
              rows,
              read: wanted,
            }),
          },
          [FLOW_STUDENT.outputs.logits],
        )
      : undefined;
  const logits = outputs?.float32(FLOW_STUDENT.outputs.logits) ?? new Float32Array(0);

  let settled = total;
  const result = begun.map((before, picture) => {
    const after = before.slice();
    if (before[0] !== codes[picture]?.[0]) settled = 1;
    for (const [place, position] of drawn.entries()) {
      const row = picture * drawn.length + place;
      const own = logits.subarray(row * size, (row + 1) * size);
      after[position] = map(supportOf(own, sampling), noise, (picture * total + position) * channels);
      if (after[position] !== before[position]) settled = Math.min(settled, position + 1);
    }
    return after;
  });
  return { codes: result, settled };
}

/**
 * How little each of a picture's codes follows from the words and the codes before it: minus the logarithm of its probability, [positions].
 * One pass that reads all of them, as a teacher would.
 */
export async function surpriseOf(
  graph: Graph,
  pack: FlowPack,
  { prompt, condition }: { prompt: PromptFeeds; condition: CachedCondition },
  codes: Int32Array,
): Promise<Float64Array> {
  const { layers, width } = studentOf(pack);
  const { channels, size } = pack.codebook;
  const total = codes.length;
  const rows = total - 1;
  const read = range(0, rows);
  const outputs = await graph.run(
    {
      ...feedConditions([condition], [0], { layers, width }),
      ...prompt.dummyRow('student'),
      ...feedWords(pack, prompt),
      ...feedLayout(pack, prompt, rows),
      ...feedImage(pack, prompt.count, new Float32Array(total * channels), [codes], {
        known: new Float32Array(rows).fill(1),
        rows,
        read,
      }),
    },
    [FLOW_STUDENT.outputs.logits],
  );
  const logits = outputs.float32(FLOW_STUDENT.outputs.logits);
  const first = condition.firstLogits;
  return Float64Array.from(codes, (code, position) => {
    if (position > 0) return surprise(logits.subarray((position - 1) * size, position * size), code);
    return first ? surprise(first, code) : 0;
  });
}

/** ln of the sum of exp(logits) minus the logit of the code, with the largest taken out so that nothing overflows. */
function surprise(logits: Float32Array, code: number): number {
  const largest = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, value) => total + Math.exp(value - largest), 0);
  return Math.log(sum) + largest - (logits[code] as number);
}

/** [rows]: 1 for what a pass reads as codes. */
function knownIn({ known, fixed }: FlowPass, rows: number): Float32Array {
  return Float32Array.from({ length: rows }, (_, position) =>
    position < Math.max(1, known) || fixed?.[position] ? 1 : 0,
  );
}

/** What the rows look up, where they do. */
function feedWords(pack: FlowPack, prompt: PromptFeeds): Feeds {
  if (!studentOf(pack).words) return {};
  if (!prompt.words) throw new RangeError(`the student of pack ${pack.id} reads words, and this prompt has none`);
  return { [FLOW_STUDENT.inputs.words]: prompt.words };
}

/** What stands at the positions that the first `rows` rows predict, where they are told. */
function feedLayout(pack: FlowPack, { scene }: PromptFeeds, rows: number): Feeds {
  const { layout } = studentOf(pack);
  if (!layout) return {};
  if (!scene)
    throw new GenerateError(
      'damaged-pack',
      `The student of pack ${pack.id} is told what stands where, but nothing in its vocabulary says how a scene is composed.`,
    );
  const fields = LAYOUT_FIELDS.length;
  const map = layoutMap(scene, layout, pack.grid);
  return { [FLOW_STUDENT.inputs.layout]: int64([rows, fields], [...map.subarray(fields, (rows + 1) * fields)]) };
}

/** The codes [pictures][positions] with the first of each drawn anew. */
function drawFirst(
  map: FlowMap,
  condition: CachedCondition,
  pack: FlowPack,
  noise: Float32Array,
  codes: readonly Int32Array[],
): Int32Array[] {
  if (!condition.firstLogits)
    throw new RangeError(`the condition of pack ${pack.id} was read without the logits of code 0`);
  const { sampling, firstTemperature = sampling.temperature } = studentOf(pack);
  const support = supportOf(condition.firstLogits, { ...sampling, temperature: firstTemperature });
  const stride = noise.length / codes.length;
  return codes.map((before, picture) => {
    const after = before.slice();
    after[0] = map(support, noise, picture * stride);
    return after;
  });
}

/** [pictures, positions, channels] */
export function latentsOf(codes: readonly Int32Array[], codebook: Float32Array, channels: number): Float32Array {
  const positions = codes[0]?.length ?? 0;
  const latents = new Float32Array(codes.length * positions * channels);
  codes.forEach((row, picture) => {
    row.forEach((code, position) => {
      latents.set(
        codebook.subarray(code * channels, (code + 1) * channels),
        (picture * positions + position) * channels,
      );
    });
  });
  return latents;
}

/** The image rows of a call: the first `rows` positions of each picture. */
function feedImage(
  pack: FlowPack,
  count: number,
  noise: Float32Array,
  codes: readonly Int32Array[],
  { known, rows, read }: { known: Float32Array; rows: number; read: readonly number[] },
): Feeds {
  const batch = codes.length;
  const { channels } = pack.codebook;
  const stride = noise.length / batch;
  const leading = new Float32Array(batch * rows * channels);
  for (let picture = 0; picture < batch; picture++)
    leading.set(noise.subarray(picture * stride, picture * stride + rows * channels), picture * rows * channels);
  return {
    [LAYOUT.imageShape]: int64([3], [batch, rows, -1]),
    [LAYOUT.imageRows]: int64([1], [batch * rows]),
    [LAYOUT.attentionBias]: attentionBias({ counts: Array<number>(batch).fill(count), positions: rows }),
    [FLOW_STUDENT.inputs.noise]: { type: 'float32', shape: [batch, rows, channels], data: leading },
    [FLOW_STUDENT.inputs.codes]: int64(
      [batch, rows],
      codes.flatMap((row) => [...row.subarray(0, rows)]),
    ),
    [FLOW_STUDENT.inputs.known]: { type: 'float32', shape: [1, rows, 1], data: known },
    [FLOW_STUDENT.inputs.readRows]: int64([read.length], read),
    [FLOW_STUDENT.inputs.end]: int64([1], [rows]),
  };
}

function studentOf({ id, student }: FlowPack) {
  if (student?.kind !== 'flow-head') throw new RangeError(`pack ${id} has no flow-head student`);
  return student;
}
