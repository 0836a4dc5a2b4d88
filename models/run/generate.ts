/**
 * READ FIRST. From a request to pictures, top to bottom as the data flows:
 *
 *   words -> prompt -> latents, sampled by the pack's model family from the seeds' noise -> pixels -> PNG
 *
 * An edit starts from a picture: its codes are known, some are drawn anew, and pixels that may not change are the picture's (canvas.ts).
 *
 * How latents come about is the family's (models/families/family.ts; LlamaGen's is families/llamagen/sample.ts). Nothing here
 * knows where it runs: ONNX Runtime and the files came in through `openPack`. Long work is a generator that yields events; the
 * caller owns progress, cancellation and memory.
 */
import type { SampleRun, Start } from '../families/family.js';
import { type Engine, GenerateError, type GenerateEvent, type GenerateRequest, type Picture } from '../protocol.js';
import { periodOf, wordsFor } from '../wildcards.js';
import { type Canvas, openCanvas } from './canvas.js';
import { checkRequest } from './check.js';
import { type Candidate, createDistinct, type Distinct, describeAlike } from './distinct.js';
import { openEdit } from './edit.js';
import { finishEdit, finishImage } from './finish.js';
import { layIcon, plainImage } from './ink.js';
import { encodePicture } from './metadata.js';
import type { OpenPack, ReadPrompt } from './open.js';
import type { RgbImage } from './png.js';
import { createProgress, listUnits, type Progress } from './progress.js';
import type { Overlay } from './prompt.js';

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

  const canvas = request.edit && openCanvas(openEdit(request.edit), request.size, pack.size);
  const read = new Map<string, ReadPrompt>();
  for (const words of new Set(request.seeds.map((seed) => wordsFor(request.prompt, seed)))) {
    const one = await open.readPrompt(words, { force: request.force, pins: request.plan, canvas });
    const about = words === request.prompt ? {} : { words };
    for (const warning of one.warnings) yield { type: 'warning', ...warning, ...about };
    signal.throwIfAborted();
    read.set(words, one);
  }
  const readFor = (seed: number) => at(read, wordsFor(request.prompt, seed));
  const [first = 0] = request.seeds;
  await session.readPrompt(await readFor(first).promptFor(first), request);
  const start = canvas && (await encode(open, canvas));
  const drawing: Drawing = { open, request, signal, progress, readFor, canvas, start };
  yield progress.advance();

  const period = periodOf(request.prompt);
  const distinct = new Map(
    [...read.values()].map((one) => [one, createDistinct(request.seeds, session.channels, period)]),
  );
  const alike: number[] = [];
  const opaque: number[] = [];
  const plain: number[] = [];
  for (const { first, seeds } of groupsOf(drawing)) {
    const run = await runOf(drawing, seeds);
    for await (const stage of session.sample(run)) {
      if (stage.type === 'progress') yield stage;
      else
        for (const [place, seed] of seeds.entries()) {
          const index = first + place;
          const latents = latentsAt(stage.latents, place);
          if (stage.draft)
            yield { type: 'draft', ...finish(drawing, await draw(drawing, run, latents), { index, seed }).picture };
          else {
            const its = at(distinct, drawing.readFor(seed));
            const made = await differ(drawing, its, { ...run, seeds: [seed] }, latents);
            if (made.isTwin) alike.push(index + 1);
            const { picture, staysOpaque, keepsColours } = finish(drawing, made.image, { index, seed: made.seed });
            if (staysOpaque) opaque.push(index + 1);
            if (keepsColours) plain.push(index + 1);
            yield { type: 'picture', ...picture };
          }
          yield progress.advance();
        }
    }
  }
  if (alike.length > 0) yield { type: 'warning', code: 'few-answers', message: describeAlike(alike) };
  if (opaque.length > 0) yield { type: 'warning', code: 'stays-opaque', message: describeOpaque(pack, opaque) };
  if (plain.length > 0) yield { type: 'warning', code: 'keeps-colours', message: describePlain(pack, plain) };
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
  /** Of an edit. */
  readonly canvas: Canvas | null;
  readonly start: Start | null;
};

/** The canvas' picture in the family's codes. */
async function encode({ pack, session }: OpenPack, { working, workingOpen }: Canvas): Promise<Start> {
  if (!session.encode) throw new RangeError(`pack ${pack.id} reads no pictures, and its family did not say so`);
  return session.encode(working, workingOpen);
}

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
async function runOf(drawing: Drawing, seeds: readonly number[]): Promise<SampleRun> {
  const { request, signal, progress, readFor, start } = drawing;
  const [first = 0] = seeds;
  return { request, signal, progress, seeds, start, prompt: await readFor(first).promptFor(first) };
}

/**
 * A picture that differs from those before it in its request: this one, or that of the next seed that does. Where none does, this
 * one all the same.
 */
async function differ(
  drawing: Drawing,
  distinct: Distinct,
  run: SampleRun,
  latents: Float32Array,
): Promise<{ seed: number; image: RgbImage; isTwin: boolean }> {
  const { request, progress } = drawing;
  let seed = run.seeds[0] ?? 0;
  // Pictures that were made of the same one are alike, and are meant to be.
  if (request.edit) return { seed, image: await draw(drawing, run, latents), isTwin: false };
  const first = candidateOf(run, latents, await draw(drawing, run, latents));
  let candidate = first;
  for (let next: number | null = seed; distinct.isTwin(candidate); ) {
    next = distinct.next(next);
    if (next === null) {
      distinct.accept(first);
      return { seed, image: first.image, isTwin: true };
    }
    const again: Drawing = { ...drawing, request: { ...request, draft: false }, progress: progress.aside() };
    const other = await runOf(again, [next]);
    const others = await sampled(again, other);
    candidate = candidateOf(other, others, await draw(again, other, others));
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

function describePlain({ name, transparency }: OpenPack['pack'], pictures: readonly number[]): string {
  if (!transparency) return `${name} draws no flat pictures: they keep their own colours.`;
  const which = pictures.length === 1 ? `Picture ${pictures[0]} does` : `Pictures ${pictures.join(', ')} do`;
  const [keep, their] = pictures.length === 1 ? ['keeps', 'its'] : ['keep', 'their'];
  return `${which} not come apart into few clean layers, and ${keep} ${their} own colours.`;
}

/** Where icons get their colours afterwards, codes say nothing of these. */
const candidateOf = ({ prompt }: SampleRun, latents: Float32Array, image: RgbImage): Candidate => ({
  latents: prompt.overlay ? null : latents,
  image,
});

/** The latents of a run of one picture, without drafts. */
async function sampled({ open }: Drawing, run: SampleRun): Promise<Float32Array> {
  let latents: Float32Array | undefined;
  for await (const stage of open.session.sample(run))
    if (stage.type === 'latents' && !stage.draft) latents = latentsAt(stage.latents, 0);
  if (!latents) throw new RangeError(`the family drew nothing of ${run.prompt.key}`);
  return latents;
}

/** Latents [positions, channels] of one picture of a run -> pixels, with the icons that stand on it. */
async function draw(drawing: Drawing, run: SampleRun, latents: Float32Array): Promise<RgbImage> {
  const { open, signal } = drawing;
  signal.throwIfAborted();
  const image = await open.session.decode(latents);
  return run.prompt.overlay ? withIcons(drawing, run, run.prompt.overlay, image) : image;
}

async function withIcons(
  drawing: Drawing,
  run: SampleRun,
  { separated, icons }: Overlay,
  image: RgbImage,
): Promise<RgbImage> {
  const { session } = drawing.open;
  // An icon is drawn from nothing, whatever it is laid on.
  const request = { ...drawing.request, draft: false, edit: null };
  const aside = { ...run, request, start: null, progress: drawing.progress.aside() };
  let laid = separated.base ? image : plainImage(image.width, image.height, separated.ground);
  for (const [number, { marks }] of separated.icons.entries()) {
    const prompt = icons[number];
    if (!prompt) throw new RangeError(`${icons.length} prompts for ${separated.icons.length} icons`);
    drawing.signal.throwIfAborted();
    const isItself = number === 0 && !separated.base;
    const icon = isItself ? image : await session.decode(await sampled(drawing, { ...aside, prompt }));
    laid = layIcon(laid, icon, marks, separated);
  }
  return laid;
}

/** Pixels -> PNG at the size and on the background that were asked for, with the request inside. */
function finish(
  { open, request, canvas }: Drawing,
  decoded: RgbImage,
  { index, seed }: { index: number; seed: number },
): { picture: Picture; staysOpaque: boolean; keepsColours: boolean } {
  const { image, staysOpaque, keepsColours } = canvas
    ? finishEdit(canvas, decoded, request, open.pack)
    : finishImage(decoded, request, open.pack);
  const bytes = encodePicture(image, { ...request, seeds: [seed] });
  return { picture: { index, seed, bytes, width: image.width, height: image.height }, staysOpaque, keepsColours };
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
