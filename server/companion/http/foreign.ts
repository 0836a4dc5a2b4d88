/**
 * What other programs and services send beside or instead of OpenAI's parameters, brought to our words at the door: renamed where we have
 * the same thing, else taken and said to be unused, so that a client with settings for many services works with this one as well.
 */

export type Translated = {
  readonly body: unknown /** What was not used, in sentences. */;
  readonly remarks: readonly string[];
};

/** Their name -> ours, taken where ours is not given. */
const RENAMED = {
  num_images: 'n',
  num_outputs: 'n',
  batch_size: 'n',
  image_size: 'size',
} as const;

const WAY_OF_DRAWING = '"quality", or "steps", says how it is drawn';
const ONLY_WORDS = 'the prompt alone says what is drawn';

/** Parameter -> what to do instead. */
const UNUSED: Readonly<Record<string, string>> = {
  negative_prompt: ONLY_WORDS,
  style: ONLY_WORDS,
  style_preset: ONLY_WORDS,
  prompt_upsampling: ONLY_WORDS,
  prompt_extend: ONLY_WORDS,
  enhance_prompt: ONLY_WORDS,
  num_inference_steps: WAY_OF_DRAWING,
  num_steps: WAY_OF_DRAWING,
  step: WAY_OF_DRAWING,
  sampler: WAY_OF_DRAWING,
  sampler_name: WAY_OF_DRAWING,
  sampling_method: WAY_OF_DRAWING,
  sample_method: WAY_OF_DRAWING,
  scheduler: WAY_OF_DRAWING,
  clip_skip: WAY_OF_DRAWING,
  eta: WAY_OF_DRAWING,
  guidance_scale: '"guidance" is its name here, for packs with a teacher',
  cfg_scale: '"guidance" is its name here, for packs with a teacher',
  aspect_ratio: '"size" says the shape, as WIDTHxHEIGHT',
  resolution: '"size" says the pixels, as WIDTHxHEIGHT',
  input_fidelity: '"strength" says how much of a picture is drawn anew',
  moderation: 'nothing is moderated',
  safety_tolerance: 'nothing is moderated',
  safety_identifier: 'nothing is moderated',
  enable_safety_checker: 'nothing is moderated',
  disable_safety_checker: 'nothing is moderated',
  watermark: 'pictures say in their metadata that a model made them',
  metadata: 'pictures carry their request',
  mode: ONLY_WORDS,
  language: ONLY_WORDS,
};

/** Values that mean what is done anyway, so that nothing needs to be said. */
const NEUTRAL: Readonly<Record<string, unknown>> = { moderation: 'auto', watermark: false };

/** Sent as text by forms and by programs that keep their settings as text. */
const NUMBERS = [
  'n',
  'seed',
  'steps',
  'guidance',
  'output_compression',
  'partial_images',
  'strength',
  'width',
  'height',
];

export function translateForeign(json: unknown): Translated {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return { body: json, remarks: [] };
  const remarks: string[] = [];
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(json)) {
    // A field that was left empty in a form says nothing. An empty prompt is told as such.
    if (value === '' && name !== 'prompt') continue;
    if (Object.hasOwn(UNUSED, name)) {
      if (value !== null && value !== NEUTRAL[name]) remarks.push(`"${name}" is not used: ${UNUSED[name]}.`);
      continue;
    }
    const own = Object.hasOwn(RENAMED, name) ? RENAMED[name as keyof typeof RENAMED] : name;
    if (own === name || !Object.hasOwn(json, own)) body[own] = NUMBERS.includes(own) ? toNumber(value) : value;
  }
  const { width, height, ...rest } = body;
  const size = rest['size'] ?? (isSide(width) && isSide(height) ? `${width}x${height}` : undefined);
  if (size === undefined && (isSide(width) || isSide(height)))
    remarks.push('"width" and "height" are used only together.');
  if (typeof size === 'string') rest['size'] = plainSize(size);
  // Of many programs: any seed.
  if (rest['seed'] === -1) delete rest['seed'];
  return { body: rest, remarks };
}

const isSide = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && value >= 0;

function toNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,16}(\.\d{1,10})?$/.test(value) ? Number(value) : value;
}

/** `512X512`, `512 x 512`, `512*512` and `512` are `512x512`. */
function plainSize(text: string): string {
  const [, width, height = width] = /^(\d{2,4})(?:\s*[x×*]\s*(\d{2,4}))?$/i.exec(text.trim()) ?? [];
  return width === undefined ? text : `${width}x${height}`;
}
