/**
 * vocabulary.json: the words that a pack understands, and what each of them means. A file of the pack; `vocabulary` in
 * pack.json names it. The trainer writes it from the tables that its captions are made of
 * (models/train/twostep_train/vocabulary.py), so it can't drift from what the networks learned.
 *
 * English is the language of the captions: the text encoder reads nothing else. Every other name is translated first.
 */
import * as z from 'zod/mini';
import { integer, list, text } from './schema.js';

/** Limits with the largest honest use: some 2,000 concepts in 10 languages with five names each. */
export const VOCABULARY_LIMITS = {
  /** 2,000 concepts in five languages take 0.6 MB. */
  bytes: 8 * 2 ** 20,
  languages: 30,
  concepts: 20_000,
  /** Words of one class: colours, sizes, fillers. */
  words: 2_000,
  names: 60,
  /** "crossed hammer and wrench" has 25 characters. */
  nameLength: 80,
  planFields: 50,
  planValues: 10_000,
} as const;

/** A language as BCP 47 has it: "en", "pt-BR". */
const Language = z.string().check(z.regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, 'is not a language tag such as "en"'));

/** One or several words, as a person writes them: "fox", "christmas tree". The first of a list is the one shown. */
const Name = text(1, VOCABULARY_LIMITS.nameLength);
const Names = z.record(Language, list(Name, 1, VOCABULARY_LIMITS.names));

const Id = text(1, VOCABULARY_LIMITS.nameLength);

/** What every entry has. */
const Entry = {
  id: Id,
  /** What people call it. English names are words of captions. */
  names: Names,
  /** English names that no caption uses: understood, and drawn by the first of `names`. */
  synonyms: z.optional(list(Name, 0, VOCABULARY_LIMITS.names)),
  /** Words that lead here when they are not understood: "animal" to the fox. They do not name it. */
  keywords: z.optional(Names),
};

/** thing: stands on a ground. icon: a sign. pattern: repeats. scene: a landscape. background: fills the picture. */
export const CONCEPT_KINDS = ['thing', 'icon', 'pattern', 'scene', 'background'] as const;

/** One way in which a concept is drawn. */
const Drawing = z.strictObject({
  /** Its word in the pack's scene language (models/run/scene/scene.ts): letters and digits. */
  token: z.string().check(z.regex(/^[a-z0-9]{1,80}$/, 'is not a word of small letters and digits')),
  /** "flat", "outline", "solid". */
  style: Id,
  /** Whether it has colours of its own, or is of any colour. */
  colours: z.enum(['own', 'any']),
  /** Ids of grounds on which it is hardly seen. */
  pale: z.optional(list(Id, 0, VOCABULARY_LIMITS.words)),
});

const Concept = z.strictObject({
  ...Entry,
  kind: z.enum(CONCEPT_KINDS),
  /** How it is drawn, in a pack that composes scenes. */
  drawings: z.optional(list(Drawing, 1, VOCABULARY_LIMITS.names)),
  /** The scene language's name of a ground: "stripes". */
  ground: z.optional(Id),
  /** Id of the colour that it has where nobody says one. */
  colour: z.optional(Id),
});

const Word = z.strictObject(Entry);
const Words = z._default(list(Word, 0, VOCABULARY_LIMITS.words), []);

/** Icons are drawn in this colour on a ground of that one, and get theirs afterwards (models/run/scene/ink.ts). */
const InkRule = z.strictObject({ colour: Id, paper: Id });

/** How scenes are laid out (models/run/scene): what the trainer practised, so that a program composes the same. */
const SceneRules = z.strictObject({
  version: z.literal(1),
  /** Tokens a side. */
  grid: integer(4, 64),
  /** Sides of boxes, in tokens. */
  sizes: z.strictObject({
    small: integer(2, 64),
    medium: integer(2, 64),
    large: integer(2, 64),
  }),
  /** For each colour those that stand out from it. */
  contrast: z.record(Id, list(Id, 0, VOCABULARY_LIMITS.words)),
  /** Colours for grounds that nobody names, for things that nobody gives one, and pairs for gradients. */
  calm: list(Id, 1, VOCABULARY_LIMITS.words),
  accents: list(Id, 1, VOCABULARY_LIMITS.words),
  blends: list(z.tuple([Id, Id]), 1, VOCABULARY_LIMITS.words),
  /** Ids of concepts that hang in a landscape's sky. */
  flying: list(Id, 0, VOCABULARY_LIMITS.concepts),
  ink: z.optional(InkRule),
});

export const Vocabulary = z
  .strictObject({
    version: z.literal(1),
    /** Those that have names here, English first. */
    languages: list(Language, 1, VOCABULARY_LIMITS.languages),
    concepts: list(Concept, 0, VOCABULARY_LIMITS.concepts),
    words: z.strictObject({
      colour: z._default(
        list(
          z.extend(Word, { rgb: z.string().check(z.regex(/^[0-9A-F]{6}$/, 'is not a colour such as "E63946"')) }),
          0,
          VOCABULARY_LIMITS.words,
        ),
        [],
      ),
      size: Words,
      place: Words,
      /** Ids are the numbers. Those above `most` are understood as numbers that it can't draw. */
      count: list(
        z.extend(Word, { id: z.string().check(z.regex(/^\d{1,4}$/, 'is not a number')) }),
        0,
        VOCABULARY_LIMITS.words,
      ),
      style: Words,
      /** What stands how to what: "above", "beside", "on". */
      relation: Words,
      light: Words,
      direction: Words,
      /** "and", "with": what joins things. */
      joint: Words,
      /** "background", "backdrop": what a colour or a place belongs to that is not a thing. */
      ground: Words,
      /** "no", "not", "without". */
      negation: Words,
      /** Words that are harmless and need no remark: articles, "picture of". */
      filler: Words,
      /** Words that people write and that say nothing here, so that none of them is taken for a misspelt one: "horse". */
      strange: Words,
    }),
    /** The largest number of equal things that it can draw; null where it was never taught to count. */
    most: z.nullable(integer(1, 1000)),
    /** There where the text encoder reads a scene language and not what people write. */
    scene: z.optional(SceneRules),
    /** Fields of a plan that a model draws before the picture, and their values. */
    plan: z.optional(
      list(
        z.strictObject({ field: Id, values: list(Id, 1, VOCABULARY_LIMITS.planValues) }),
        0,
        VOCABULARY_LIMITS.planFields,
      ),
    ),
  })
  .check((context) => {
    const { languages, concepts, words } = context.value;
    const complain = (path: (string | number)[], message: string) =>
      context.issues.push({ code: 'custom', input: context.value, path, message });
    if (languages[0] !== 'en') complain(['languages'], `begin with "${languages[0]}", not with "en"`);
    for (const [group, entries] of [['concepts', concepts], ...Object.entries(words)] as const)
      for (const [index, { id, names }] of entries.entries())
        if (!names['en']) complain([group, index], `"${id}" has no English name`);
    const colours = new Set(words.colour.map(({ id }) => id));
    for (const [name, colour] of Object.entries(context.value.scene?.ink ?? {}))
      if (!colours.has(colour)) complain(['scene', 'ink', name], `"${colour}" is not among the colours`);
    for (const [index, { colour }] of concepts.entries())
      if (colour !== undefined && !colours.has(colour))
        complain(['concepts', index, 'colour'], `"${colour}" is not among the colours`);
  });

/** Part of a prompt, in UTF-16 units, as `slice` counts. */
const Span = { start: z.int().check(z.minimum(0)), end: z.int().check(z.minimum(0)) };

/** What was understood of a prompt (models/run/vocabulary/read.ts). It travels with events and answers. */
export const Reading = z.object({
  /** The prompt's language. */
  language: Language,
  /** What is drawn, in the order of the prompt, without words that say nothing. */
  understood: z.array(z.object({ ...Span, class: z.string(), id: z.string(), name: z.string() })),
  /** With names of what is known and comes nearest, in the prompt's language. */
  unknown: z.array(z.object({ ...Span, text: z.string(), nearest: z.array(z.string()) })),
  /** Misspelt words, and the known ones that they are drawn as. */
  corrected: z.array(z.object({ ...Span, text: z.string(), as: z.string() })),
  /** What a negation leaves out, the negation included. */
  left: z.array(z.object({ ...Span, text: z.string() })),
  /** Numbers that are more than the model can draw. */
  beyond: z.array(z.object({ ...Span, value: z.number() })),
  /** What the text encoder reads; the prompt itself where nothing of it had to be changed. */
  drawn: z.string(),
  /** Whether the prompt says what to draw. */
  says: z.boolean(),
});

export type Reading = z.infer<typeof Reading>;
export type Vocabulary = z.infer<typeof Vocabulary>;
export type Concept = Vocabulary['concepts'][number];
export type Drawing = z.infer<typeof Drawing>;
export type SceneRules = z.infer<typeof SceneRules>;
export type InkRule = z.infer<typeof InkRule>;
/** Classes of words beside concepts. */
export type WordClass = keyof Vocabulary['words'];
