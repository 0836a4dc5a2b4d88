/**
 * READ FIRST. From a request to pictures, top to bottom as the data flows:
 *
 *   words -> condition rows -> noise from seeds -> latents (student, teacher, or both in turn) -> pixels -> PNG
 *
 * Nothing here knows where it runs: ONNX Runtime and the files came in through `openPack`. Long work is a generator that
 * yields events; the caller owns progress, cancellation and memory.
 */

import { drawCodes } from '../families/llamagen/draw-codes.js';
import { type FlowPass, latentsOf, planFlow, runFlowHead } from '../families/llamagen/flow-head.js';
import { planSteps, type StepPlan } from '../families/llamagen/schedule.js';
import { runStudent } from '../families/llamagen/student.js';
import { VQ_DECODER } from '../graphs.js';
import { type Engine, GenerateError, type GenerateEvent, type GenerateRequest, type Picture } from '../protocol.js';
import { noiseFor } from '../sampling/noise.js';
import { checkRequest } from './check.js';
import { type Candidate, createDistinct, type Distinct, describeAlike } from './distinct.js';
import { finishImage } from './finish.js';
import { toRgb } from './image.js';
import { encodePicture } from './metadata.js';
import type { OpenPack } from './open.js';
import type { RgbImage } from './png.js';
import { createProgress, listUnits, type Progress } from './progress.js';
import type { Prompt } from './prompt.js';

/** The engine of an opened pack. */
export function createEngine(open: OpenPack): Engine {
  return async function* (request, signal) {
    try {
      yield* generate(open, request, signal);
    } catch (error) {
      if (signal.aborted) yield { type: 'error', code: 'cancelled', message: 'Cancelled.' };
      else if (error instanceof GenerateError) {
        const { code, message, reading } = error;
        yield { type: 'error', code, message, ...(reading ? { reading } : {}) };
      } else throw error;
    }
  };
}

async function* generate(open: OpenPack, request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
  signal.throwIfAborted();
  yield* checkRequest(open.pack, request);
  const progress = createProgress(listUnits(open.pack, request, open.batch), open.costs);

  yield progress.now();
  await loadGraphs(open, request);
  signal.throwIfAborted();
  yield progress.advance();

  const { promptFor, isShared, warnings } = await open.readPrompt(request.prompt, {
    force: request.force,
    pins: request.plan,
  });
  for (const warning of warnings) yield { type: 'warning', ...warning };
  signal.throwIfAborted();
  if (request.schedule.kind !== 'teacher') await open.conditionOf(await promptFor(request.seeds[0] ?? 0));
  yield progress.advance();

  const distinct = createDistinct(request.seeds, open.pack.codebook.channels);
  const alike: number[] = [];
  const opaque: number[] = [];
  const together = isShared ? open.batch : 1;
  for (let first = 0; first < request.seeds.length; first += together) {
    const seeds = request.seeds.slice(first, first + together);
    const prompt = await promptFor(seeds[0] ?? 0);
    const batch: Batch = { open, request, signal, progress, prompt, promptFor, seeds, noise: noiseOf(open, seeds) };
    for await (const stage of makeLatents(batch)) {
      if (stage.type !== 'latents') yield stage;
      else
        for (const [place, seed] of seeds.entries()) {
          const index = first + place;
          const latents = latentsAt(open, stage.latents, place);
          if (stage.draft)
            yield { type: 'draft', ...finish(batch, await decode(batch, latents), { index, seed }).picture };
          else {
            const made = await differ(batch, distinct, seed, latents);
            if (made.isTwin) alike.push(index + 1);
            const { picture, staysOpaque } = finish(batch, made.image, { index, seed: made.seed });
            if (staysOpaque) opaque.push(index + 1);
            yield { type: 'picture', ...picture };
          }
          yield progress.advance();
        }
    }
  }
  if (alike.length > 0) yield { type: 'warning', code: 'few-answers', message: describeAlike(alike) };
  if (opaque.length > 0) yield { type: 'warning', code: 'stays-opaque', message: describeOpaque(open.pack, opaque) };
  yield { type: 'done', milliseconds: progress.milliseconds() };
}

/**
 * A picture that differs from those before it in its request: this one, or that of the next seed that does. Where none does, this
 * one all the same.
 */
async function differ(
  batch: Batch,
  distinct: Distinct,
  seed: number,
  latents: Float32Array,
): Promise<{ seed: number; image: RgbImage; isTwin: boolean }> {
  const { open, progress } = batch;
  const first: Candidate = { latents, image: await decode(batch, latents) };
  let candidate = first;
  for (let next: number | null = seed; distinct.isTwin(candidate); ) {
    next = distinct.next(next);
    if (next === null) {
      distinct.accept(first);
      return { seed, image: first.image, isTwin: true };
    }
    const seeds = [next];
    const request = { ...batch.request, draft: false };
    const prompt = await batch.promptFor(next);
    const again: Batch = { ...batch, request, prompt, seeds, noise: noiseOf(open, seeds), progress: progress.aside() };
    for await (const stage of makeLatents(again))
      if (stage.type === 'latents') candidate = { latents: stage.latents, image: await decode(again, stage.latents) };
    if (!distinct.isTwin(candidate)) seed = next;
  }
  distinct.accept(candidate);
  return { seed, image: candidate.image, isTwin: false };
}

function describeOpaque({ name, transparency }: OpenPack['pack'], pictures: readonly number[]): string {
  if (!transparency) return `${name} has no transparent pictures: they stay opaque.`;
  const which = pictures.length === 1 ? `Picture ${pictures[0]} stands` : `Pictures ${pictures.join(', ')} stand`;
  return `${which} on no even background that could be taken away, and ${pictures.length === 1 ? 'stays' : 'stay'} opaque.`;
}

/** Pictures of one prompt that run together. */
export type Batch = {
  readonly open: OpenPack;
  readonly request: GenerateRequest;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly prompt: Prompt;
  /** The prompt of another seed. */
  readonly promptFor: (seed: number) => Promise<Prompt>;
  readonly seeds: readonly number[];
  /** [pictures, positions, channels] standard normal, each picture's from its own seed alone. */
  readonly noise: Float32Array;
};

/** Something to show: latents [pictures, positions, channels] of a draft or of the result, or how far we are. */
type Stage =
  | { readonly type: 'latents'; readonly latents: Float32Array; readonly draft: boolean }
  | Extract<GenerateEvent, { type: 'progress' }>;

async function* makeLatents(batch: Batch): AsyncGenerator<Stage> {
  const { open, noise, progress } = batch;
  const { schedule, draft } = batch.request;
  const { total } = sizes(open);
  if (schedule.kind === 'student' && open.pack.student?.kind === 'flow-head') {
    yield* drawByFlow(batch, schedule, open.pack.student.times);
    return;
  }
  if (schedule.kind === 'teacher') {
    const latents = yield* drawCodes(batch, { latents: noise, keep: 0, until: total, draw: schedule.draw });
    yield { type: 'latents', latents, draft: false };
    return;
  }
  if (open.pack.student?.kind !== 'two-head') throw new RangeError(`pack ${open.pack.id} has no two-head student`);
  const { times, split, mixedSplit = split } = open.pack.student;
  const resampled = schedule.kind === 'mixed' ? schedule.resampled : 0;
  const geometry = { total, times, split: resampled > 0 ? mixedSplit : split };
  const plans = planSteps(geometry, schedule.kind === 'mixed' ? 2 : schedule.steps, draft);
  let latents = noise;
  for (const [step, plan] of plans.entries()) {
    const last = step === plans.length - 1;
    if (last && resampled > 0) {
      const until = plan.known;
      latents = yield* drawCodes(batch, { latents, keep: until - resampled, until, draw: 'sample' });
    }
    // When the teacher draws everything that the last step will know, only a draft needs the step before.
    if (!last && !draft && resampled === times[1]) continue;
    latents = await runStep(batch, latents, plan);
    yield progress.advance();
    if (last || draft) yield { type: 'latents', latents, draft: !last };
  }
}

/** A flow-head student: its steps, then as many readings of its own codes as were asked for and still change something. */
async function* drawByFlow(
  batch: Batch,
  { steps, refinements = 0 }: Extract<GenerateRequest['schedule'], { kind: 'student' }>,
  times: readonly number[],
): AsyncGenerator<Stage> {
  const { open, prompt, noise, progress, signal } = batch;
  const { draft } = batch.request;
  const { total, channels } = sizes(open);
  const codebook = await open.codebook();
  const reading = { prompt, condition: await open.conditionOf(prompt), codebook };
  const pass = async (plan: FlowPass) => {
    signal.throwIfAborted();
    return runFlowHead(await open.student(), open.pack, reading, plan, noise, codes);
  };
  const stage = (isDraft: boolean): Stage => ({
    type: 'latents',
    latents: latentsOf(codes, codebook, channels),
    draft: isDraft,
  });

  let codes: readonly Int32Array[] = batch.seeds.map(() => new Int32Array(total));
  for (const [step, plan] of planFlow(times, steps, total, draft).entries()) {
    ({ codes } = await pass(plan));
    yield progress.advance();
    if (draft && (step < steps - 1 || refinements > 0)) yield stage(true);
  }
  let keep = 0;
  for (let done = 1; done <= refinements; done++) {
    const refined = await pass({ keep, known: total, until: total });
    codes = refined.codes;
    keep = refined.settled;
    yield progress.advance();
    if (keep < total) continue;
    yield progress.skip(refinements - done);
    break;
  }
  yield stage(false);
}

async function runStep(batch: Batch, latents: Float32Array, plan: StepPlan): Promise<Float32Array> {
  const { open, prompt, noise, signal } = batch;
  signal.throwIfAborted();
  const step = { plan, batch: batch.seeds.length, noise, latents };
  return runStudent(await open.student(), open.pack, prompt, await open.conditionOf(prompt), step);
}

/** Latents [positions, channels] of one picture -> pixels. */
async function decode({ open, signal }: Batch, latents: Float32Array): Promise<RgbImage> {
  signal.throwIfAborted();
  const { total, channels, width, height } = sizes(open);
  const outputs = await (await open.decoder()).run({
    [VQ_DECODER.inputs.latents]: { type: 'float32', shape: [1, total, channels], data: latents },
  });
  return toRgb(outputs.float32(VQ_DECODER.outputs.image), width, height);
}

/** Pixels -> PNG at the size and on the background that were asked for, with the request inside. */
function finish(
  { open, request }: Batch,
  decoded: RgbImage,
  { index, seed }: { index: number; seed: number },
): { picture: Picture; staysOpaque: boolean } {
  const { image, staysOpaque } = finishImage(decoded, request, open.pack);
  const bytes = encodePicture(image, { ...request, seeds: [seed] });
  return { picture: { index, seed, bytes, width: image.width, height: image.height }, staysOpaque };
}

async function loadGraphs(open: OpenPack, request: GenerateRequest): Promise<void> {
  if (request.schedule.kind !== 'teacher') await open.student();
  if (request.schedule.kind === 'student' && open.pack.student?.kind === 'flow-head') await open.codebook();
  if (request.schedule.kind !== 'student') await Promise.all([open.teacher(), open.codebook()]);
  await open.decoder();
}

function noiseOf(open: OpenPack, seeds: readonly number[]): Float32Array {
  const { total, channels } = sizes(open);
  const noise = new Float32Array(seeds.length * total * channels);
  seeds.forEach((seed, picture) => {
    noise.set(noiseFor(seed, total, channels), picture * total * channels);
  });
  return noise;
}

/** [positions, channels] of the picture at a place of its batch */
function latentsAt(open: OpenPack, latents: Float32Array, place: number): Float32Array {
  const { total, channels } = sizes(open);
  return latents.slice(place * total * channels, (place + 1) * total * channels);
}

function sizes({ pack }: OpenPack) {
  const { rows, columns, downsample } = pack.grid;
  return {
    total: rows * columns,
    channels: pack.codebook.channels,
    width: columns * downsample,
    height: rows * downsample,
  };
}
