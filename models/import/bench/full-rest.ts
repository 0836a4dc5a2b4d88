/** Text, decoder, teacher and cold start of the full bench. */
import { PROMPT } from './checkpoints.js';
import { type ColdStart, coldStart } from './cold-start.js';
import { type Context, type FullEvent, load, PHASE_COLUMNS, phaseRow, progress, STORED, take } from './full-common.js';
import { bytesOf } from './full-packs.js';
import { codePhase, decodePhases, noisePhase, positionsOf, textPhase } from './phases.js';
import { gigabytes, times } from './report.js';
import { FULL_SIZES } from './sizes.js';

/** The paper's figure for its own runtime: METHOD 5. */
const PAPER_RATIO = 92.9;

export async function* benchTextAndDecoder(context: Context): AsyncGenerator<FullEvent> {
  const size = FULL_SIZES[context.size];
  const rows: string[][] = [];
  const notes: string[] = [];
  for (const storage of ['exact', 'small'] as const) {
    const encoder = await load(context, storage, 'text-encoder.onnx');
    // The table of embeddings is not read, only looked up.
    const table = size.text.vocabulary * size.text.width * (storage === 'exact' ? 4 : 2);
    const weighed = { ...encoder, weights: (encoder.weights ?? 0) - table };
    const items = [textPhase(size, weighed), textPhase(size, weighed, 120)];
    const { measured } = yield* take(`text, ${storage}`, items, context);
    rows.push(
      ...measured.map((one) => phaseRow({ ...one, item: { ...one.item, name: `${storage}: ${one.item.name}` } })),
    );
    const [few, many] = measured.map(({ milliseconds: ms }) => ms) as [number, number];
    notes.push(`${storage}: 120 tokens take ${times(many / few)} as long as ${size.tokens}.`);
    await encoder.graph.close();
  }
  const decoder = await load(context, 'exact', 'decoder.onnx');
  const items = [...(await decodePhases(size, decoder)), noisePhase(size)];
  const { measured } = yield* take('the decoder', items, context);
  rows.push(...measured.map(phaseRow));
  notes.push(
    'An unchanged prompt costs nothing again: the states of the last 32 prompts and the vectors that their rows leave in the transformer are kept (models/run/open.ts; 1.2 MB each at full size).',
  );
  await decoder.graph.close();
  yield { type: 'section', title: 'Text, decoder and the rest', columns: PHASE_COLUMNS, rows, notes };
}

export async function* benchTeacher(context: Context, steps: number): AsyncGenerator<FullEvent> {
  const size = FULL_SIZES[context.size];
  const teacher = await load(context, 'exact', 'teacher.onnx');
  const { measured } = yield* take('the teacher', [codePhase(size, teacher)], context);
  await teacher.graph.close();
  const code = measured[0]?.milliseconds ?? 0;
  const total = positionsOf(size);
  yield {
    type: 'section',
    title: 'The teacher with a key/value cache and guidance',
    columns: PHASE_COLUMNS,
    rows: measured.map(phaseRow),
    notes: [
      `${total} codes of the teacher, ${((code * total) / 1000).toFixed(1)} s (two codes measured, all cost the same: the cache is read at full length), take ${times((code * total) / steps)} as long as two steps of the student in the same runtime and precision. The paper has ${PAPER_RATIO} in its own, on a GPU; on a CPU a code of the teacher is bounded by reading all weights for two rows, and a step by products.`,
    ],
  };
}

const STARTS = 3;

/** The start that is in the middle by the time of its picture; one that failed, if any did. */
function middleStart(starts: readonly ColdStart[]): ColdStart {
  const failed = starts.find((start) => start.type === 'failed');
  if (failed) return failed;
  const drawn = starts.filter((start) => start.type === 'drawn').sort((a, b) => a.picture - b.picture);
  return drawn[drawn.length >> 1] ?? { type: 'failed', reason: 'nothing was started' };
}

export async function* benchColdStart(context: Context): AsyncGenerator<FullEvent> {
  const rows: string[][] = [];
  for (const storage of STORED) {
    yield progress(`cold start, ${storage}`);
    const { folder, pack } = context.packs[storage];
    const weights = bytesOf(pack);
    const starts: ColdStart[] = [];
    for (let turn = 0; turn < STARTS; turn++)
      starts.push(await coldStart(context.command, folder, PROMPT, context.signal));
    const found = middleStart(starts);
    if (found.type === 'failed') rows.push([storage, gigabytes(weights), found.reason, '-', '-', '-']);
    else
      rows.push([
        storage,
        gigabytes(weights),
        `${(found.ready / 1000).toFixed(1)} s`,
        `${(found.picture / 1000).toFixed(1)} s`,
        found.peak > 0 ? gigabytes(found.peak) : '-',
        found.peak > 0 ? times(found.peak / weights) : '-',
      ]);
  }
  yield {
    type: 'section',
    title: 'Cold start',
    columns: ['storage', 'weights', 'ready', 'first picture', 'memory at most', 'of the weights'],
    rows,
    notes: [
      `A new process draws one picture from a pack whose files are in the disk cache: \`twostep generate\`. "Ready" is when student and decoder are loaded and the prompt is read, the encoder's loading and run included; the middle one of ${STARTS} starts. Goals: 5 s, and 1.3 times the weights.`,
    ],
  };
}
