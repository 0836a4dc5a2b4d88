/**
 * A recipe: what must be known to make a pack of checkpoints besides what their tensors tell. Data, so that a model of
 * one's own comes with a file of this kind (`twostep import path/to/recipe.json ...`).
 */
import * as z from 'zod';
import { Layout } from '../families/llamagen/part.js';
import { SwittiSampling } from '../families/switti/part.js';
import { StudentSchedule, VarPart } from '../families/var/part.js';
import { PackId } from '../pack.js';
import { Sampling } from '../protocol.js';

export const ROLES = ['teacher', 'student', 'vq', 'text', 'text2'] as const;
export type Role = (typeof ROLES)[number];

/** Sizes that the checkpoints must have, so that the wrong file is refused by what it is and not by its tensors. */
const Expectation = z.strictObject({
  width: z.number().int().positive(),
  layers: z.number().int().positive(),
  codes: z.number().int().positive(),
  /** Width of the text encoder's states. */
  textWidth: z.number().int().positive().optional(),
});

/** What recipes of all families have. */
const Common = {
  name: PackId,
  /** One line for the list of recipes. */
  summary: z.string().max(200),
  /** What each file is called where it is published, for the help. */
  files: z.partialRecord(z.enum(ROLES), z.string().max(200)),
  /** Roles that may be left out. */
  optional: z.array(z.enum(ROLES)),
  pack: z.strictObject({
    name: z.string().min(1).max(200),
    description: z.string().max(2000),
    ideas: z.array(z.string().max(500)).max(100),
    licence: z.strictObject({ spdx: z.string().min(1).max(100), notice: z.string().max(5000) }),
    notes: z.string().max(5000),
    transparency: z.literal('matte').optional(),
  }),
  /** Groups of the tokenizer's norms; 32 in the published files. */
  groups: z.number().int().min(1).max(1024).optional(),
  sampling: Sampling,
  expect: Expectation.optional(),
  /** What a person has to know of the licence and agree to, where nobody else can say that it allows what they want. */
  agreement: z.string().max(1000).optional(),
};

/** Labels: those of ImageNet, or a list of names for each class. */
const Classes = z.strictObject({
  kind: z.literal('class'),
  labels: z.union([z.literal('imagenet'), z.array(z.array(z.string().min(1).max(200)).min(1).max(50)).min(1)]),
});

export const LlamagenRecipe = z.strictObject({
  family: z.literal('llamagen'),
  ...Common,
  condition: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('text'),
      tokens: z.number().int().min(2).max(4096),
      cleaning: z.enum(['llamagen', 'none']),
    }),
    Classes,
  ]),
  grid: z.strictObject({ rows: z.number().int().min(1).max(256), columns: z.number().int().min(1).max(256) }),
  heads: z.number().int().min(1).max(1000),
  ropeBase: z.number().positive().default(10_000),
  normEpsilon: z.number().positive().default(1e-5),
  student: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('two-head'),
      times: z.array(z.number().int().min(0)).min(1).max(16),
      split: z.number().int().min(1),
      mixedSplit: z.number().int().min(1).optional(),
    }),
    z.strictObject({
      kind: z.literal('flow-head'),
      times: z.array(z.number().int().min(0)).min(1).max(16),
      refinements: z.strictObject({ standard: z.number().int().min(0), fine: z.number().int().min(0) }),
      firstTemperature: z.optional(Sampling.shape.temperature),
      layout: z.optional(Layout),
    }),
  ]),
});
export type LlamagenRecipe = z.infer<typeof LlamagenRecipe>;

export const VarRecipe = z.strictObject({
  family: z.literal('var'),
  ...Common,
  condition: Classes,
  /** Sides of the token maps, coarse to fine. */
  scales: VarPart.shape.scales,
  /** How the student draws, counted in scales; null where there is none. */
  student: z.nullable(StudentSchedule),
});
export type VarRecipe = z.infer<typeof VarRecipe>;

const { guided, lateTemperature, mixedFrom } = SwittiSampling.shape;

export const SwittiRecipe = z.strictObject({
  family: z.literal('switti'),
  ...Common,
  /** The most tokens of a prompt, the first and the end token included. */
  tokens: z.number().int().min(3).max(4096),
  /** What `sampling` does not say. */
  drawing: z.strictObject({ guided, lateTemperature, mixedFrom }),
});
export type SwittiRecipe = z.infer<typeof SwittiRecipe>;

/** Recipes of a time when there was one family do not name it. */
const withFamily = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !('family' in value) ? { family: 'llamagen', ...value } : value;

export const Recipe = z.preprocess(
  withFamily,
  z.discriminatedUnion('family', [LlamagenRecipe, VarRecipe, SwittiRecipe]),
);

export type Recipe = z.infer<typeof Recipe>;

/** Something was wrong with what was given to import; the message says what, and what to do. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}
