/**
 * AUTOMATIC1111's words for a request, and its shape for what comes back, as far as SillyTavern and small programs use them. What belongs to
 * diffusion alone (samplers, guidance, steps of a pack) is taken and said to be unused.
 */
import * as z from 'zod';
import type { ImagesRequest } from '../../../models/api.js';
import { LIMITS } from '../../../models/protocol.js';
import { joinLines, wordsFor } from '../../../models/wildcards.js';
import type { DrawingModel } from '../../drawing/drawing-model.js';
import type { LoggedEvent } from '../jobs/store.js';

const side = z.number().int().min(16).max(LIMITS.side);
const few = z.number().int().min(1).max(10);

/** Programs send all that their forms hold, also what is for others. */
export const Txt2Img = z.object({
  prompt: z.string().max(LIMITS.promptCharacters).default(''),
  negative_prompt: z.string().max(LIMITS.promptCharacters).nullish(),
  width: side.nullish(),
  height: side.nullish(),
  steps: z.number().int().min(1).max(1000).nullish(),
  /** -1: any. */
  seed: z.number().int().min(-1).max(Number.MAX_SAFE_INTEGER).nullish(),
  batch_size: few.nullish(),
  n_iter: few.nullish(),
  override_settings: z.looseObject({ sd_model_checkpoint: z.string().max(200).nullish() }).nullish(),
});
export type Txt2Img = z.infer<typeof Txt2Img>;

export const Options = z.looseObject({ sd_model_checkpoint: z.string().max(200).nullish() });

/** What is drawn where nobody says, there as here. Pixels. */
const USUAL_SIDE = 512;

/** A request of OpenAI's, of which the rest of the way is made. */
export function toImagesRequest(body: Txt2Img, model: DrawingModel): { body: ImagesRequest; remarks: string[] } {
  const { negative_prompt, width, height, steps, seed, batch_size, n_iter } = body;
  const prompt = joinLines(plainPrompt(body.prompt));
  const remarks: string[] = [];
  if (negative_prompt) remarks.push('"negative_prompt" is not used: the prompt alone says what is drawn.');
  // Steps of diffusion are not those of a pack, which knows itself how many it wants.
  const isElsewhere = model.notice !== null;
  if (steps && !isElsewhere) remarks.push('"steps" is not used: a pack takes as many as it is made for.');
  return {
    body: {
      prompt,
      model: model.id,
      n: (batch_size ?? 1) * (n_iter ?? 1),
      size: `${width ?? USUAL_SIDE}x${height ?? USUAL_SIDE}`,
      ...(seed === -1 || seed === null || seed === undefined ? {} : { seed }),
      ...(steps && isElsewhere ? { steps } : {}),
    },
    remarks,
  };
}

/** Its marks are no words: `<lora:name:1>` names a file, `(owl:1.3)`, `((owl))` and `[owl]` weigh, `BREAK` divides. */
export function plainPrompt(prompt: string): string {
  return (
    prompt
      // First, so that what follows need not try each of many spaces.
      .replace(/\s{2,}/g, ' ')
      .replace(/<[a-z]{1,20}:[^<>]{0,200}>/gi, '')
      .replace(/\(([^()]{0,2000}):\d(\.\d{1,3})?\)/g, '$1')
      .replace(/(?<!\\)[()[\]]/g, '')
      .replace(/\\([()[\]])/g, '$1')
      .replace(/ ?\bBREAK\b/g, ',')
      .replace(/ ?,( ?,)+/g, ',')
      .replace(/ {2,}/g, ' ')
      .replace(/^[ ,]+|[ ,]+$/g, '')
  );
}

export type Txt2ImgAnswer = { images: string[]; parameters: object; info: string };

/** @param log of the job; one that was interrupted has the pictures up to then */
export function toTxt2ImgAnswer(
  body: Txt2Img,
  model: DrawingModel,
  log: readonly LoggedEvent[],
  said: readonly string[],
): Txt2ImgAnswer {
  const pictures = log.flatMap((event) => (event.type === 'picture' ? [event] : []));
  const warnings = log.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  const prompt = joinLines(plainPrompt(body.prompt));
  const words = pictures.map(({ seed }) => wordsFor(prompt, seed));
  const [first] = pictures;
  const info = {
    prompt,
    all_prompts: words,
    negative_prompt: '',
    seed: first?.seed ?? -1,
    all_seeds: pictures.map(({ seed }) => seed),
    width: first?.width ?? 0,
    height: first?.height ?? 0,
    batch_size: pictures.length,
    sd_model_name: model.id,
    infotexts: pictures.map(
      ({ seed, width, height }, index) =>
        `${words[index]}\nSeed: ${seed}, Size: ${width}x${height}, Model: ${model.id}`,
    ),
    extra_generation_params: { remarks: [...said, ...warnings] },
  };
  return {
    images: pictures.map(({ bytes }) => Buffer.from(bytes).toString('base64')),
    parameters: body,
    // A text there, and so here.
    info: JSON.stringify(info),
  };
}
