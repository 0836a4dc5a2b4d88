/** From the options of the command line to a complete request. */
import type { GenerateRequest, Sampling, Schedule } from '../../models/protocol.js';
import { buildRequest, InvalidRequestError, seedsFor } from '../../models/request/build.js';
import { nearestPreset, type Preset } from '../../models/request/presets.js';
import { isTeacherAlone, teacherAlone } from '../../models/request/schedule.js';
import type { DrawingModel } from '../drawing/drawing-model.js';
import { CommandError } from '../node/errors.js';
import { EXIT } from '../node/exit-codes.js';
import type { Source } from '../pictures/source.js';
import type { Steps } from './values.js';

/** What was said on the command line; what was not said is absent. */
export type RequestOptions = {
  readonly prompt?: string | undefined;
  /** Without a prompt, take one of the pack's ideas. */
  readonly idea?: boolean | undefined;
  readonly seed?: number | undefined;
  readonly count?: number | undefined;
  readonly steps?: Steps | undefined;
  /** Passes of a flow-head student over its own codes. */
  readonly refinements?: number | undefined;
  /** Codes that the teacher draws again between the student's steps. */
  readonly resample?: number | undefined;
  readonly preset?: Preset | undefined;
  /** How the teacher draws when it works alone. */
  readonly draw?: 'sample' | 'noise' | undefined;
  readonly guidance?: number | undefined;
  readonly topK?: number | undefined;
  readonly topP?: number | undefined;
  readonly temperature?: number | undefined;
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  readonly draft?: boolean | undefined;
  /** Draw the words as they stand, also where none is understood. */
  readonly force?: boolean | undefined;
  readonly background?: GenerateRequest['background'] | undefined;
  readonly plan?: GenerateRequest['plan'] | undefined;
  readonly palette?: GenerateRequest['palette'] | undefined;
  /** The picture to start from, with the size that it gives the request. */
  readonly source?: Pick<Source, 'edit' | 'size'> | undefined;
  /** Of the picture that `like` starts from, where no other is given. */
  readonly strength?: number | undefined;
};

/**
 * @param like the request of a picture that is to be made again; what the options say replaces parts of it
 * @param randomSeed drawn when neither an option nor a picture gives the seed
 * @throws CommandError `usage` when something is missing or does not fit together
 */
export function readRequestOptions(
  options: RequestOptions,
  model: DrawingModel,
  like: GenerateRequest | null,
  randomSeed: () => number,
): GenerateRequest {
  const first = options.seed ?? like?.seeds[0] ?? randomSeed();
  const prompt = options.prompt ?? like?.prompt ?? (options.idea ? ideaFor(model, first) : undefined);
  if (prompt === undefined) throw new CommandError(EXIT.usage, 'A prompt is missing: say what to draw, in quotes.');
  const { draft, background, plan, palette, source, strength } = options;
  const size = options.size ?? source?.size;
  const edit = source?.edit ?? (like?.edit && strength !== undefined ? { ...like.edit, strength } : undefined);
  const seeds = chooseSeeds(options, like, prompt, first);
  const schedule = chooseSchedule(options, model, like);
  const sampling = chooseSampling(options, model, like);
  const wishes = {
    prompt,
    seeds,
    schedule,
    sampling,
    ...(size === undefined ? {} : { size }),
    ...(draft === undefined ? {} : { draft }),
    ...(background === undefined ? {} : { background }),
    ...(plan === undefined ? {} : { plan }),
    ...(palette === undefined ? {} : { palette }),
    ...(edit === undefined ? {} : { edit }),
    // Other words than a picture's are read as any others.
    force: options.force ?? (options.prompt === undefined && like?.force === true),
  };
  return orUsage(() => buildRequest(model.target, wishes, like));
}

function orUsage<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidRequestError) throw new CommandError(EXIT.usage, error.message);
    throw error;
  }
}

/** The seed chooses, so that the same seed gives the same picture. */
function ideaFor({ ideas }: DrawingModel, seed: number): string | undefined {
  return ideas[seed % Math.max(1, ideas.length)];
}

/** Where neither words nor number are others, those of the picture; of several lines each has its own. */
function chooseSeeds(
  { prompt: said, seed, count }: RequestOptions,
  like: GenerateRequest | null,
  prompt: string,
  first: number,
): number[] {
  if (like && seed === undefined && count === undefined && said === undefined) return like.seeds;
  const seeds = orUsage(() => seedsFor(prompt, first, count ?? 1));
  if (first > Number.MAX_SAFE_INTEGER - (seeds.length - 1))
    throw new CommandError(
      EXIT.usage,
      `${seeds.length} seeds from ${first} on would pass the greatest seed, ${Number.MAX_SAFE_INTEGER}.`,
    );
  return seeds;
}

function chooseSchedule(options: RequestOptions, model: DrawingModel, like: GenerateRequest | null): Schedule {
  const { draw } = options;
  const schedule = scheduleOf(model, options) ?? like?.schedule ?? defaultOf(model, draw);
  if (draw !== undefined && !isTeacherAlone(schedule))
    throw new CommandError(EXIT.usage, '--draw says how the teacher alone draws; it needs --steps all.');
  return schedule;
}

function scheduleOf(
  model: DrawingModel,
  { steps, draw, refinements, resample, preset }: RequestOptions,
): Schedule | undefined {
  const said = Object.entries({ refinements, resample, preset }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`],
  );
  if (said.length > 1) throw new CommandError(EXIT.usage, `${said.join(' and ')} exclude each other: say one.`);
  // `--steps 1 --refinements 4` is said in full; other numbers of steps mean something of their own.
  const fits = steps === undefined || (refinements !== undefined ? steps === 1 || steps === 2 : steps === 2);
  if (said.length > 0 && (!fits || (preset !== undefined && steps !== undefined)))
    throw new CommandError(EXIT.usage, `${said[0]} and --steps ${steps} do not fit together: leave one out.`);
  if (refinements !== undefined) return { kind: 'student', steps: steps === 1 ? 1 : 2, refinements };
  if (resample !== undefined) return { kind: 'mixed', resampled: resample };
  if (preset !== undefined) return model.target.presets[nearestPreset(model.target.presets, preset)];
  if (steps === undefined) return undefined;
  return steps === 'all' ? teacherAlone(draw) : model.scheduleOfSteps(steps);
}

function defaultOf({ id, target: { presets } }: DrawingModel, draw: 'sample' | 'noise' | undefined): Schedule {
  const schedule = presets[nearestPreset(presets, 'standard')];
  if (!schedule) throw new RangeError(`${id} has no way to draw`);
  return isTeacherAlone(schedule) && draw ? teacherAlone(draw) : schedule;
}

function chooseSampling(options: RequestOptions, model: DrawingModel, like: GenerateRequest | null): Sampling | null {
  const { guidance, topK, topP, temperature } = options;
  const said = Object.entries({ guidance, topK, topP, temperature }).filter(([, value]) => value !== undefined);
  if (said.length === 0) return like?.sampling ?? null;
  const base = like?.sampling ?? model.sampling;
  if (!base)
    throw new CommandError(
      EXIT.usage,
      `Guidance, top-k, top-p and temperature steer the teacher, and pack ${model.id} has none.`,
    );
  return { ...base, ...Object.fromEntries(said) };
}
