/** A request in the parameters of other image servers. */
import type { GenerateRequest } from '../../models/protocol.js';
import { upstreamWork } from '../../models/request/schedule.js';

/** Names that a seed has; servers differ, and take no offence at the others or refuse them by name. */
export const SEED_PARAMS = ['seed'] as const;
/** OpenAI has no steps; ours and Open WebUI, LocalAI, and vLLM-Omni, SGLang and diffusers. */
const STEPS_PARAMS = ['steps', 'step', 'num_inference_steps'] as const;

export type Wanted = {
  readonly model: string;
  readonly request: GenerateRequest;
  readonly seed: number;
  readonly count: number;
  /** Parameters that the server does not know. */
  readonly refused: ReadonlySet<string>;
};

/** Seeds of most servers are 32 bits. */
const seedOf = (seed: number) => seed % 2 ** 31;

export function parametersOf({ model, request, seed, count, refused }: Wanted): Record<string, unknown> {
  const { prompt, size, schedule, background, draft } = request;
  const upstream = upstreamWork(schedule) ?? { quality: 'auto', steps: null };
  const all: Record<string, unknown> = {
    model,
    prompt,
    n: count,
    size: `${size.width}x${size.height}`,
    response_format: 'b64_json',
    ...Object.fromEntries(SEED_PARAMS.map((name) => [name, seedOf(seed)])),
    ...(upstream.quality === 'auto' ? {} : { quality: upstream.quality }),
    ...(upstream.steps === null ? {} : Object.fromEntries(STEPS_PARAMS.map((name) => [name, upstream.steps]))),
    ...(background === 'transparent' ? { background, output_format: 'png' } : {}),
    ...(draft ? { stream: true, partial_images: 1 } : {}),
  };
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => !refused.has(refusalOf(name, value))));
}

/** What is remembered of a parameter that was refused. Of a size only that it was this one: the picture is fitted to it when it comes. */
export const refusalOf = (name: string, value: unknown): string => (name === 'size' ? `size ${value}` : name);

/** Without these there is nothing to ask. */
export const ESSENTIAL: ReadonlySet<string> = new Set(['model', 'prompt']);
