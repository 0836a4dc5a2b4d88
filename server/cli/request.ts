/** From the options of the command line to a complete request. */
import { defaultSchedule, samplingOf, scheduleOfSteps, targetOf } from '../../models/families/packs.js';
import type { Pack } from '../../models/pack.js';
import type { GenerateRequest, Sampling, Schedule } from '../../models/protocol.js';
import { buildRequest, InvalidRequestError, seedsFrom } from '../../models/request/build.js';

import { isTeacherAlone, teacherAlone } from '../../models/request/schedule.js';
import { CommandError } from './errors.js';
import { EXIT } from './exit-codes.js';
import type { Steps } from './values.js';

/** What was said on the command line; what was not said is absent. */
export type RequestOptions = {
  readonly prompt?: string | undefined;
  /** Without a prompt, take one of the pack's ideas. */
  readonly idea?: boolean | undefined;
  readonly seed?: number | undefined;
  readonly count?: number | undefined;
  readonly steps?: Steps | undefined;
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
};

/**
 * @param like the request of a picture that is to be made again; what the options say replaces parts of it
 * @param randomSeed drawn when neither an option nor a picture gives the seed
 * @throws CommandError `usage` when something is missing or does not fit together
 */
export function readRequestOptions(
  options: RequestOptions,
  pack: Pack,
  like: GenerateRequest | null,
  randomSeed: () => number,
): GenerateRequest {
  const seeds = chooseSeeds(options, like, randomSeed);
  const prompt = options.prompt ?? like?.prompt ?? (options.idea ? ideaFor(pack, seeds) : undefined);
  if (prompt === undefined) throw new CommandError(EXIT.usage, 'A prompt is missing: say what to draw, in quotes.');
  const { size, draft, background, plan } = options;
  const schedule = chooseSchedule(options, pack, like);
  const sampling = chooseSampling(options, pack, like);
  const wishes = {
    prompt,
    seeds,
    schedule,
    sampling,
    ...(size === undefined ? {} : { size }),
    ...(draft === undefined ? {} : { draft }),
    ...(background === undefined ? {} : { background }),
    ...(plan === undefined ? {} : { plan }),
    // Other words than a picture's are read as any others.
    force: options.force ?? (options.prompt === undefined && like?.force === true),
  };
  try {
    return buildRequest(targetOf(pack), wishes, like);
  } catch (error) {
    if (error instanceof InvalidRequestError) throw new CommandError(EXIT.usage, error.message);
    throw error;
  }
}

/** The seed chooses, so that the same seed gives the same picture. */
function ideaFor(pack: Pack, seeds: readonly number[]): string | undefined {
  return pack.ideas[(seeds[0] ?? 0) % Math.max(1, pack.ideas.length)];
}

function chooseSeeds(options: RequestOptions, like: GenerateRequest | null, randomSeed: () => number): number[] {
  if (like && options.seed === undefined && options.count === undefined) return like.seeds;
  const first = options.seed ?? like?.seeds[0] ?? randomSeed();
  const count = options.count ?? 1;
  if (first > Number.MAX_SAFE_INTEGER - (count - 1))
    throw new CommandError(
      EXIT.usage,
      `${count} seeds from ${first} on would pass the greatest seed, ${Number.MAX_SAFE_INTEGER}.`,
    );
  return seedsFrom(first, count);
}

function chooseSchedule(options: RequestOptions, pack: Pack, like: GenerateRequest | null): Schedule {
  const { steps, draw } = options;
  const schedule = scheduleOf(pack, steps, draw) ?? like?.schedule ?? defaultOf(pack, draw);
  if (draw !== undefined && !isTeacherAlone(schedule))
    throw new CommandError(EXIT.usage, '--draw says how the teacher alone draws; it needs --steps all.');
  return schedule;
}

function scheduleOf(pack: Pack, steps: Steps | undefined, draw: 'sample' | 'noise' | undefined): Schedule | undefined {
  if (steps === undefined) return undefined;
  return steps === 'all' ? teacherAlone(draw) : scheduleOfSteps(pack, steps);
}

function defaultOf(pack: Pack, draw: 'sample' | 'noise' | undefined): Schedule {
  const schedule = defaultSchedule(pack);
  return isTeacherAlone(schedule) && draw ? teacherAlone(draw) : schedule;
}

function chooseSampling(options: RequestOptions, pack: Pack, like: GenerateRequest | null): Sampling | null {
  const { guidance, topK, topP, temperature } = options;
  const said = Object.entries({ guidance, topK, topP, temperature }).filter(([, value]) => value !== undefined);
  if (said.length === 0) return like?.sampling ?? null;
  const base = like?.sampling ?? samplingOf(pack);
  if (!base)
    throw new CommandError(
      EXIT.usage,
      `Guidance, top-k, top-p and temperature steer the teacher, and pack ${pack.id} has none.`,
    );
  return { ...base, ...Object.fromEntries(said) };
}
