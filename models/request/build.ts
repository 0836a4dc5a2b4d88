/** The one place where requests are made: for panel, engine page, API, command line, warm-up, trials and tests. */
import { GenerateError, GenerateRequest, LIMITS, REQUEST_DEFAULTS } from '../protocol.js';
import { countLines, faultOf } from '../wildcards.js';
import { nearestPreset, type Preset, type Presets } from './presets.js';
import { canDraft } from './schedule.js';

/** What a request must know of the pack that is to draw it. */
export type RequestTarget = {
  readonly id: string;
  readonly presets: Presets;
  /** Pixels, as it draws them. */
  readonly size: GenerateRequest['size'];
};

/** What somebody wants. What is left out comes from `like`, then from the pack, then from `REQUEST_DEFAULTS`. */
export type Wishes = Partial<Omit<GenerateRequest, 'version' | 'pack' | 'seeds' | 'draft'>> & {
  readonly seeds: readonly number[];
  /** Instead of a schedule; a pack that has no such preset draws the nearest. */
  readonly preset?: Preset;
  /** Whether a draft picture is wanted where the schedule has one. */
  readonly draft?: boolean;
};

export class InvalidRequestError extends GenerateError {
  constructor(readonly issues: readonly { readonly path: string; readonly message: string }[]) {
    super(
      'invalid-request',
      `The request is not valid: ${issues.map(({ path, message }) => `${path}: ${message}`).join('; ')}.`,
    );
    this.name = 'InvalidRequestError';
  }
}

/**
 * @param like a request whose picture is to be made again; what is wished replaces parts of it
 * @throws InvalidRequestError naming the fields
 */
export function buildRequest(
  target: RequestTarget,
  wishes: Wishes,
  like: GenerateRequest | null = null,
): GenerateRequest {
  const { preset, draft, ...said } = wishes;
  const asked = preset === undefined ? (said.schedule ?? like?.schedule) : undefined;
  const schedule = asked ?? target.presets[nearestPreset(target.presets, preset ?? 'standard')];
  const parsed = GenerateRequest.safeParse({
    ...REQUEST_DEFAULTS,
    size: target.size,
    ...like,
    ...said,
    pack: target.id,
    schedule,
    draft: draft === undefined ? (like?.draft ?? false) : draft && schedule !== undefined && canDraft(schedule),
  });
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.') || 'request', message }));
  throw new InvalidRequestError(issues);
}

/** One for each picture, from `first` on; the noise of neighbours has nothing in common. */
export const seedsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);

/**
 * Seeds for `count` pictures of a prompt; where it has several lines, of each line, in the order of the lines.
 *
 * @throws InvalidRequestError where they are more than a request may have
 */
export function seedsFor(prompt: string, first: number, count: number): number[] {
  // A prompt that can't be read is refused by `buildRequest`, with its reason.
  const lines = faultOf(prompt) === null ? countLines(prompt) : 1;
  const total = lines * count;
  if (lines > 1 && total > LIMITS.pictures)
    throw new InvalidRequestError([
      {
        path: 'seeds',
        message: `${lines} lines with ${count} pictures each are ${total} pictures; at most ${LIMITS.pictures} are drawn at once`,
      },
    ]);
  const lineOf = (seed: number) => seed % lines;
  return seedsFrom(first, total).sort((a, b) => lineOf(a) - lineOf(b) || a - b);
}
