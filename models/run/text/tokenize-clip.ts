/**
 * Text -> token ids by CLIP's byte pairs, with the tokenizer package of @huggingface/transformers. Its text is cleaned before (clean-clip.ts).
 * A tokenizer.json may be a stranger's: only what CLIP's has is read, and none of its patterns is compiled.
 */
import { Tokenizer } from '@huggingface/tokenizers';
import * as z from 'zod/mini';
import { integer, list, text } from '../../schema.js';
import type { EncodedPrompt, PromptTokenizer } from './tokenize.js';
import { findCut } from './tokenize.js';

/** CLIP has 49,408 tokens of up to 64 characters and 48,894 pairs. */
const LIMITS = { vocabulary: 300_000, tokenLength: 256, characters: 4_000_000 } as const;

/** Words, single digits, runs of what is neither; and the few endings that English writes with an apostrophe. */
const PATTERN = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/** The longest word that is read: a run without a space is one, and pairs are looked for all over it. */
const LONGEST_WORD = 1000;

const Token = text(1, LIMITS.tokenLength);
const Id = integer(0, LIMITS.vocabulary);
const Special = z.tuple([Token, Id]);

const ClipFile = z.object({
  added_tokens: list(z.object({ id: Id, content: Token }), 0, 100),
  pre_tokenizer: z.object({
    type: z.literal('Sequence'),
    pretokenizers: z.tuple([
      z.object({
        type: z.literal('Split'),
        pattern: z.strictObject({ Regex: z.literal(PATTERN) }),
        behavior: z.literal('Removed'),
        invert: z.literal(true),
      }),
      z.object({ type: z.literal('ByteLevel'), add_prefix_space: z.literal(false) }),
    ]),
  }),
  post_processor: z.object({ type: z.literal('RobertaProcessing'), cls: Special, sep: Special }),
  model: z.object({
    type: z.literal('BPE'),
    end_of_word_suffix: z.literal('</w>'),
    vocab: z.record(Token, Id),
    // Older files have the two of a pair in one text, with a space between.
    merges: list(z.union([text(1, 2 * LIMITS.tokenLength), z.tuple([Token, Token])]), 0, LIMITS.vocabulary),
  }),
});

/** Whether a tokenizer.json is for this file to read. */
export const hasBytePairs = (tokenizerJson: unknown): boolean =>
  z.object({ model: z.object({ type: z.literal('BPE') }) }).safeParse(tokenizerJson).success;

export type ClipOptions = {
  /** The most tokens, the first and the end token included. */
  readonly maximum: number;
  /** Reads "<|endoftext|>" in a prompt as the end token, as the authors' code does; otherwise it is a text like any other. */
  readonly readsSpecials?: boolean;
};

/** @throws Error that names what this tokenizer.json has and CLIP's has not */
export function createClipTokenizer(
  tokenizerJson: unknown,
  { maximum, readsSpecials = false }: ClipOptions,
): PromptTokenizer {
  const file = parseFile(tokenizerJson);
  const [, first] = file.post_processor.cls;
  const [end, endId] = file.post_processor.sep;
  const tokenizer = new Tokenizer(
    {
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: file.pre_tokenizer,
      post_processor: null,
      decoder: null,
      truncation: null,
      padding: null,
      model: {
        ...file.model,
        unk_token: end,
        continuing_subword_prefix: '',
        fuse_unk: false,
        byte_fallback: false,
        dropout: null,
      },
    },
    { eos_token: end },
  );
  const wordsOf = (words: string): number[] => tokenizer.encode(shortened(words), { add_special_tokens: false }).ids;
  const specials = new Map(file.added_tokens.map(({ content, id }) => [content, id]));
  const idsOf = (text: string): number[] =>
    readsSpecials
      ? text
          .split(SPECIAL)
          .flatMap((part) => (SPECIAL.test(part) ? (specials.get(part) ?? wordsOf(part)) : wordsOf(part)))
      : wordsOf(text);
  const room = maximum - 2;
  return {
    tokens: Math.max(0, ...Object.values(file.model.vocab), ...specials.values()) + 1,
    encode(text): EncodedPrompt {
      const ids = idsOf(text);
      const cut = ids.length > room ? findCut(text, (part) => idsOf(part).length <= room) : null;
      // Bytes are tokens, so that nothing is unknown.
      return { ids: [first, ...ids.slice(0, room), endId], cut, unknown: [] };
    },
  };
}

const SPECIAL = /(<\|startoftext\|>|<\|endoftext\|>)/;

/** Longer words than anybody writes are cut: what follows would not fit into the tokens anyway. */
const shortened = (text: string): string =>
  text.replace(/\S+/gu, (word) => (word.length > LONGEST_WORD ? word.slice(0, LONGEST_WORD) : word));

function parseFile(tokenizerJson: unknown) {
  const parsed = ClipFile.safeParse(tokenizerJson);
  if (!parsed.success) {
    const faults = parsed.error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message.slice(0, 200)}`);
    throw new Error(`tokenizer.json has byte pairs, but not as CLIP has them: ${faults.join('; ')}`);
  }
  const { vocab, merges } = parsed.data.model;
  const tokens = Object.keys(vocab);
  const characters = tokens.reduce((sum, token) => sum + token.length, 0);
  if (tokens.length > LIMITS.vocabulary || characters > LIMITS.characters)
    throw new Error(
      `tokenizer.json has ${tokens.length} tokens of ${characters} characters; at most ${LIMITS.vocabulary} of ${LIMITS.characters} are read`,
    );
  const pairs = merges.map((merge): [string, string] => {
    const [left, right, ...rest] = typeof merge === 'string' ? merge.split(' ') : merge;
    if (!left || !right || rest.length > 0)
      throw new Error(`tokenizer.json: ${JSON.stringify(merge)} is not a pair of tokens`);
    return [left, right];
  });
  return { ...parsed.data, model: { ...parsed.data.model, merges: pairs } };
}
