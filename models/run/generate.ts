/**
 * READ FIRST. From a request to pictures, top to bottom as the data flows:
 *
 *   words -> prompt -> latents, sampled by the pack's model family from the seeds' noise -> pixels -> PNG
 *
 * How latents come about is the family's (models/families/family.ts; LlamaGen's is families/llamagen/sample.ts). Nothing here
 * knows where it runs: ONNX Runtime and the files came in through `openPack`. Long work is a generator that yields events; the
 * caller owns progress, cancellation and memory.
 */
import type { SampleRun } from '../families/family.js';
import { type Engine, GenerateError, type GenerateEvent, type GenerateRequest, type Picture } from '../protocol.js';
import { periodOf, wordsFor } from '../wildcards.js';
import { checkRequest } from './check.js';
import { type Candidate, createDistinct, type Distinct, describeAlike } from './distinct.js';
import { finishImage } from './finish.js';
import { encodePicture } from './metadata.js';
import type { OpenPack, ReadPrompt } from './open.js';
import type { RgbImage } from './png.js';
import { createProgress, listUnits, type Progress } from './progress.js';

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
  const { pack, family, session } = open;
  signal.throwIfAborted();
  yield* checkRequest(family, pack, request);
  const units = listUnits(request.seeds.length, open.batch, (pictures) => family.units(pack, request, pictures));
  const progress = createProgress(units, open.costs);

  yield progress.now();
  await session.load(request);
  signal.throwIfAborted();
  yield progress.advance();

  const read = new Map<string, ReadPrompt>();
  for (const words of new Set(request.seeds.map((seed) => wordsFor(request.prompt, seed)))) {
    const one = await open.readPrompt(words, { force: request.force, pins: request.plan });
    const about = words === request.prompt ? {} : { words };
    for (const warning of one.warnings) yield { type: 'warning', ...warning, ...about };
    signal.throwIfAborted();
    read.set(words, one);
  }
  const drawing: Drawing = {
    open,
    request,
    signal,
    progress,
    readFor: (seed) => at(read, wordsFor(request.prompt, seed)),
  };
  const [start = 0] = request.seeds;
  await session.readPrompt(await drawing.readFor(start).promptFor(start), request);
  yield progress.advance();

  const period = periodOf(request.prompt);
  const distinct = new Map(
    [...read.values()].map((one) => [one, createDistinct(request.seeds, session.channels, period)]),
  );
  const alike: number[] = [];
  const opaque: number[] = [];
  for (const { first, seeds } of groupsOf(drawing)) {
    for await (const stage of session.sample(await runOf(drawing, seeds))) {
      if (stage.type === 'progress') yield stage;
      else
        for (const [place, seed] of seeds.entries()) {
          const index = first + place;
          const latents = latentsAt(stage.latents, place);
          if (stage.draft)
            yield { type: 'draft', ...finish(drawing, await decode(drawing, latents), { index, seed }).picture };
          else {
            const made = await differ(drawing, at(distinct, drawing.readFor(seed)), seed, latents);
            if (made.isTwin) alike.push(index + 1);
            const { picture, staysOpaque } = finish(drawing, made.image, { index, seed: made.seed });
            if (staysOpaque) opaque.push(index + 1);
            yield { type: 'picture', ...picture };
          }
          yield progress.advance();
        }
    }
  }
  if (alike.length > 0) yield { type: 'warning', code: 'few-answers', message: describeAlike(alike) };
  if (opaque.length > 0) yield { type: 'warning', code: 'stays-opaque', message: describeOpaque(pack, opaque) };
  yield { type: 'done', milliseconds: progress.milliseconds() };
}

/** A request that is being drawn. */
type Drawing = {
  readonly open: OpenPack;
  readonly request: GenerateRequest;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** What was read of the words that a seed draws. */
  readonly readFor: (seed: number) => ReadPrompt;
};

/** Pictures that are drawn together: neighbours of the same words, where these are one prompt for all seeds. */
function* groupsOf({ open, request, readFor }: Drawing): Generator<{ first: number; seeds: readonly number[] }> {
  for (let first = 0; first < request.seeds.length; ) {
    const rest = request.seeds.slice(first, first + open.batch);
    const read = readFor(rest[0] ?? 0);
    const other = rest.findIndex((seed) => readFor(seed) !== read);
    const seeds = rest.slice(0, read.isShared ? (other < 0 ? rest.length : other) : 1);
    yield { first, seeds };
    first += seeds.length;
  }
}

/** What the family gets for pictures that are drawn together: one prompt, which is that of the first seed. */
async function runOf({ request, signal, progress, readFor }: Drawing, seeds: readonly number[]): Promise<SampleRun> {
  const [first = 0] = seeds;
  return { request, signal, progress, seeds, prompt: await readFor(first).promptFor(first) };
}

/**
 * A picture that differs from those before it in its request: this one, or that of the next seed that does. Where none does, this
 * one all the same.
 */
async function differ(
  drawing: Drawing,
  distinct: Distinct,
  seed: number,
  latents: Float32Array,
): Promise<{ seed: number; image: RgbImage; isTwin: boolean }> {
  const { open, request, progress } = drawing;
  const first: Candidate = { latents, image: await decode(drawing, latents) };
  let candidate = first;
  for (let next: number | null = seed; distinct.isTwin(candidate); ) {
    next = distinct.next(next);
    if (next === null) {
      distinct.accept(first);
      return { seed, image: first.image, isTwin: true };
    }
    const again: Drawing = { ...drawing, request: { ...request, draft: false }, progress: progress.aside() };
    for await (const stage of open.session.sample(await runOf(again, [next])))
      if (stage.type === 'latents') {
        const others = latentsAt(stage.latents, 0);
        candidate = { latents: others, image: await decode(again, others) };
      }
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

/** Latents [positions, channels] of one picture -> pixels. */
async function decode({ open, signal }: Drawing, latents: Float32Array): Promise<RgbImage> {
  signal.throwIfAborted();
  return open.session.decode(latents);
}

/** Pixels -> PNG at the size and on the background that were asked for, with the request inside. */
function finish(
  { open, request }: Drawing,
  decoded: RgbImage,
  { index, seed }: { index: number; seed: number },
): { picture: Picture; staysOpaque: boolean } {
  const { image, staysOpaque } = finishImage(decoded, request, open.pack);
  const bytes = encodePicture(image, { ...request, seeds: [seed] });
  return { picture: { index, seed, bytes, width: image.width, height: image.height }, staysOpaque };
}

/** What was read is there for all words of a request, and those of the seeds that stand in for its own. */
function at<Key, Value>(all: ReadonlyMap<Key, Value>, key: Key): Value {
  const found = all.get(key);
  if (found === undefined) throw new RangeError('words that were not read are to be drawn');
  return found;
}

function latentsAt(latents: readonly Float32Array[], place: number): Float32Array {
  const found = latents[place];
  if (!found) throw new RangeError(`the family drew ${latents.length} pictures and no picture ${place}`);
  return found;
}
