/**
 * What the tools take and give. Agents read these descriptions, so they are written for them. The protocol's SDK asks a schema itself for its
 * description, which zod's mini build does not give: schemas of the contracts can't stand inside these.
 */
import * as z from 'zod';
import { LIMITS, PLAN_FIELDS } from '../../models/protocol.js';

const image = z
  .string()
  .min(1)
  .max(4096)
  .describe('A picture of ours: "image" of an earlier answer. Where there is a "file", its path will do.');
const n = z.number().int().min(1).max(10).describe('How many pictures, 1 to 10.');
const seed = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const firstSeed = seed.describe(
  'Seed of the first picture; the others follow. The same seed and words give the same picture.',
);

export const GenerateInput = z.strictObject({
  prompt: z
    .string()
    .min(1)
    .max(LIMITS.promptCharacters)
    .describe('What to draw, in a few plain words. {red|blue} and {1-5} are choices: each picture makes its own.'),
  n: n.default(1),
  size: z
    .string()
    .regex(/^\d{2,4}x\d{2,4}$/, 'is not WIDTHxHEIGHT, as in 512x512')
    .optional()
    .describe('Pixels, as in 512x512, each side 16 to 4096. Left out: what the model draws.'),
  seed: firstSeed.optional(),
  steps: z.number().int().min(1).max(65_536).optional().describe('1 is quick, 2 is usual; more refines.'),
  transparent: z.boolean().default(false).describe('Take the even background away: for icons and things.'),
  model: z.string().min(1).max(200).optional().describe('Id of a model, as list_models has it. Left out: the best.'),
  plan: z
    .partialRecord(z.enum(PLAN_FIELDS), z.string().trim().min(1).max(LIMITS.planValue))
    .optional()
    .describe(
      'What to hold on to of what the words leave open, as in {"background": "mint", "layout": "left, large"}.',
    ),
  palette: z
    .array(z.string().regex(/^#[0-9a-f]{6}$/))
    .min(2)
    .max(LIMITS.palette)
    .optional()
    .describe('Colours that a flat picture gets instead of its own, as in ["#1a2b3c", "#ffcc00", "#ffffff"].'),
});

export const VaryInput = z.strictObject({ image, n: n.default(4), seed: firstSeed.optional() });
export const VectorizeInput = z.strictObject({ image });
export const PlaceInput = z.strictObject({
  image,
  where: z
    .enum(['selection', 'beside'])
    .default('beside')
    .describe('beside: a new frame in free space. selection: fills the layers that the person has selected.'),
});

const whereabouts = {
  file: z.string().optional().describe('Path of the file on this machine.'),
  url: z.string().optional().describe('Address of the file, good for a day.'),
};

export const Pictures = z.object({
  model: z.string(),
  pictures: z.array(
    z.object({
      image,
      words: z.string().describe('What it draws.'),
      seed,
      width: z.number(),
      height: z.number(),
      ...whereabouts,
    }),
  ),
  warnings: z.array(z.string()).describe('What was understood otherwise than it was said, or is missing.'),
});
export const Vectors = z.object({
  ...whereabouts,
  fidelity: z.number().describe('Share of the pixels that the layers keep, 0 to 1.'),
  points: z.number(),
  layers: z.number(),
  regions: z.number(),
  lost: z.number().describe('Parts that stand out in the picture and that the layers lack.'),
  suits: z.enum(['yes', 'too-little-kept', 'parts-missing', 'too-many-points']),
});
export const Models = z.object({
  models: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      description: z.string(),
      licence: z.string(),
      size: z.string().describe('What it draws, as WIDTHxHEIGHT.'),
      ideas: z.array(z.string()).describe('Prompts that it draws well.'),
    }),
  ),
});
export const Placed = z.object({ layers: z.array(z.string()).describe('Layers that carry the picture now.') });
