/**
 * Text -> token ids, by the tokenizer package of @huggingface/transformers, with the normaliser made exact
 * (normalize.ts).
 */
import { Tokenizer } from '@huggingface/tokenizers';
import * as z from 'zod/mini';
import { GenerateError } from '../../protocol.js';
import { integer, list, text } from '../../schema.js';
import { bounded, createNormalizer, Normalizer } from './normalize.js';

export interface PromptTokenizer {
  /** One more than the highest id. */
  readonly tokens: number;
  /** @param text the cleaned prompt */
  encode(text: string): EncodedPrompt;
}

export interface EncodedPrompt {
  /** At most `maximum`, the last is the end token. An empty text is the end token alone. */
  readonly ids: number[];
  /**
   * Null when the whole text was read. Otherwise the text up to the last word that was read in full, and the rest; the
   * network still sees those tokens of the word at the cut that fit.
   */
  readonly cut: { readonly keptText: string; readonly droppedText: string } | null;
  /** Words that hold something for which there is no token, each once, in order, of the text that was read. */
  readonly unknown: string[];
}

/**
 * What a stranger's tokenizer.json may ask of us. T5 has 32,100 tokens of up to 16 characters (SentencePiece makes no longer ones unless
 * told to), mT5 250,112. Each character of a text begins as many pieces as the longest token is long, all of which are compared with those
 * that end there; each character of a token takes some 200 bytes in the tree of tokens.
 */
const LIMITS = { vocabulary: 300_000, tokenLength: 32, addedTokens: 10_000, characters: 2_500_000 } as const;

/** Milliseconds in which a prompt is read; with T5's tokenizer the longest takes a fifth of a second, on a machine that does much else some. */
const LONGEST_READING = 20_000;

const Token = text(0, LIMITS.tokenLength);
const Id = integer(0, LIMITS.vocabulary);

/**
 * The parts of Hugging Face's format that a Unigram tokenizer in T5's manner uses; anything else is refused by name.
 */
const TokenizerFile = z.object({
  added_tokens: list(
    z.object({
      id: Id,
      content: Token.check(z.minLength(1)),
      single_word: z.boolean(),
      lstrip: z.boolean(),
      rstrip: z.boolean(),
      normalized: z.boolean(),
      special: z.boolean(),
    }),
    0,
    LIMITS.addedTokens,
  ),
  normalizer: z.nullable(Normalizer),
  pre_tokenizer: z.union([
    z.object({
      type: z.literal('Sequence'),
      pretokenizers: z.tuple([z.strictObject({ type: z.literal('WhitespaceSplit') }), Metaspace()]),
    }),
    Metaspace(),
  ]),
  post_processor: z.object({
    type: z.literal('TemplateProcessing'),
    single: z.tuple([
      z.object({ Sequence: z.object({ id: z.literal('A'), type_id: z.number() }) }),
      z.object({ SpecialToken: z.object({ id: Token, type_id: z.number() }) }),
    ]),
  }),
  model: z.strictObject({
    // Early files leave it out; then a list of tokens with scores says the same.
    type: z._default(z.literal('Unigram'), 'Unigram'),
    unk_id: Id,
    vocab: list(z.tuple([Token, z.number()]), 0, LIMITS.vocabulary),
    byte_fallback: z.optional(z.literal(false)),
  }),
});
type TokenizerFile = z.infer<typeof TokenizerFile>;

/** Spaces become "▁", one before every word; older files say so with `add_prefix_space`. */
function Metaspace() {
  return z.strictObject({
    type: z.literal('Metaspace'),
    replacement: z.literal('▁'),
    str_rep: z.optional(z.literal('▁')),
    prepend_scheme: z.optional(z.literal('always')),
    add_prefix_space: z.optional(z.literal(true)),
    split: z.optional(z.boolean()),
  });
}

/**
 * @param tokenizerJson parsed content of a tokenizer.json
 * @param options.maximum the most tokens, the end token included
 * @throws Error that names what this tokenizer.json has and we do not know
 */
export function createTokenizer(tokenizerJson: unknown, options: { readonly maximum: number }): PromptTokenizer {
  const file = parseFile(tokenizerJson);
  const endToken = file.post_processor.single[1].SpecialToken.id;
  const endId = tokenId(file, endToken);
  const unknownId = file.model.unk_id;
  const normalize = file.normalizer ? createNormalizer(file.normalizer) : (text: string) => text;
  // The package is given no step of the stranger's: it would run them itself, on the added tokens already.
  const tokenizer = new Tokenizer(
    {
      ...file,
      added_tokens: file.added_tokens
        .map((token) => (token.normalized ? { ...token, content: normalize(token.content) } : token))
        .filter(({ content }) => content !== ''),
      normalizer: { type: 'Sequence', normalizers: [] },
      truncation: null,
      padding: null,
      decoder: null,
    },
    { eos_token: endToken },
  );
  // Between added tokens each section is normalised by itself; all of them together are one text.
  let length = 0;
  let started = 0;
  if (tokenizer.normalizer)
    tokenizer.normalizer.normalize = (section) => {
      const normalized = bounded(normalize(section), length);
      length += normalized.length;
      return normalized;
    };

  // The package joins neighbouring unknown characters itself, in time that grows with their square.
  if (tokenizer.model) tokenizer.model.fuse_unk = false;
  const unknownToken = file.model.vocab[unknownId]?.[0];
  const idsOf = (text: string): number[] => {
    length = 0;
    if (performance.now() - started > LONGEST_READING)
      throw new GenerateError(
        'damaged-pack',
        `The tokenizer needs more than ${LONGEST_READING / 1000} s for this prompt.`,
      );
    const { ids, tokens } = tokenizer.encode(text, { add_special_tokens: false });
    // An unknown token that somebody typed ("<unk>") stands for itself.
    const isUnknown = (index: number) => ids[index] === unknownId && tokens[index] !== unknownToken;
    return ids.filter((_, index) => !(index > 0 && isUnknown(index) && isUnknown(index - 1)));
  };
  const room = options.maximum - 1;

  return {
    tokens: Math.max(file.model.vocab.length, ...file.added_tokens.map(({ id }) => id + 1)),
    encode(text) {
      started = performance.now();
      const ids = idsOf(text);
      const cut = ids.length > room ? findCut(text, (part) => idsOf(part).length <= room) : null;
      const read = cut ? text.slice(0, text.length - cut.droppedText.length) : text;
      const unknown = ids.slice(0, room).includes(unknownId)
        ? wordsOf(read).filter((word) => idsOf(word).includes(unknownId))
        : [];
      return { ids: [...ids.slice(0, room), endId], cut, unknown: [...new Set(unknown)] };
    },
  };
}

function parseFile(tokenizerJson: unknown): TokenizerFile {
  const parsed = TokenizerFile.safeParse(tokenizerJson);
  if (!parsed.success) {
    const faults = parsed.error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`);
    throw new Error(`tokenizer.json is not a Unigram tokenizer as T5 has it: ${faults.join('; ')}`);
  }
  const { model } = parsed.data;
  if (model.unk_id >= model.vocab.length)
    throw new Error(`tokenizer.json: the unknown token is number ${model.unk_id} of ${model.vocab.length}`);
  const contents = [
    ...model.vocab.map(([content]) => content),
    ...parsed.data.added_tokens.map(({ content }) => content),
  ];
  const characters = contents.reduce((sum, content) => sum + content.length, 0);
  if (characters > LIMITS.characters)
    throw new Error(`tokenizer.json: its tokens have ${characters} characters, more than ${LIMITS.characters}`);
  // Every word begins with one, so it is what keeps unknown characters of two words apart.
  if (!model.vocab.some(([content]) => content === '▁'))
    throw new Error('tokenizer.json has no token for the space "▁"');
  return parsed.data;
}

function tokenId(file: TokenizerFile, token: string): number {
  const id =
    file.added_tokens.find(({ content }) => content === token)?.id ??
    file.model.vocab.findIndex(([content]) => content === token);
  if (id < 0) throw new Error(`tokenizer.json: its end token "${token}" is not among its tokens`);
  return id;
}

/** Cuts after the most words that fit, or within the first word when not even that fits. */
export function findCut(text: string, fits: (part: string) => boolean): { keptText: string; droppedText: string } {
  const wordEnds = Array.from(text.matchAll(/\S+/gu), (word) => word.index + word[0].length);
  const ends = wordEnds[0] !== undefined && fits(text.slice(0, wordEnds[0])) ? wordEnds : characterEnds(text);
  // Bisection: `low` ends fit, `high` do not.
  let low = 0;
  let high = ends.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits(text.slice(0, ends[middle - 1]))) low = middle;
    else high = middle;
  }
  const end = low === 0 ? 0 : (ends[low - 1] as number);
  return { keptText: text.slice(0, end), droppedText: text.slice(end) };
}

function characterEnds(text: string): number[] {
  let end = 0;
  return Array.from(text, (character) => {
    end += character.length;
    return end;
  });
}

function wordsOf(text: string): string[] {
  return text.match(/\S+/gu) ?? [];
}
