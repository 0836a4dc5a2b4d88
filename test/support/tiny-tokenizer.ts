/** A tokenizer.json of a few tokens, for tests that change one thing of it. */
export type TinyTokenizer = {
  added_tokens: object[];
  normalizer: unknown;
  pre_tokenizer: object;
  post_processor: object;
  model: { type: 'Unigram'; unk_id: number; vocab: [string, number][] };
};

const FLAGS = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };

export const addedToken = (id: number, content: string, flags: Partial<typeof FLAGS> = {}) => ({
  id,
  content,
  ...FLAGS,
  ...flags,
});

export function tinyTokenizer(tokens: readonly string[], normalizer: unknown = null): TinyTokenizer {
  return {
    added_tokens: [addedToken(0, '</s>')],
    normalizer,
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
    },
    model: {
      type: 'Unigram',
      unk_id: 1,
      vocab: [
        ['</s>', 0],
        ['<unk>', 0],
        ['▁', -1],
        ...tokens.map((token, index): [string, number] => [token, -2 - index]),
      ],
    },
  };
}
