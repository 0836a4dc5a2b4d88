/** From the person's words to condition rows: cleaned, tokenised and encoded text, or the class that the words name. */
import { CONDITION, TEXT_ENCODER } from '../graphs.js';
import type { Pack } from '../pack.js';
import { GenerateError, type WarningCode } from '../protocol.js';
import { type Feeds, type Graph, int64 } from './runtime.js';
import { range } from './schedule.js';
import { cleanReport } from './text/clean.js';
import { type Labels, matchLabel } from './text/labels.js';
import type { PromptTokenizer } from './text/tokenize.js';

export type Network = 'student' | 'teacher';

/** What the networks are conditioned on. Equal prompts have equal keys, so that work done for one serves the other. */
export type Prompt = {
  readonly key: string;
  /** Condition rows: tokens of the text, or 1 for a class. */
  readonly count: number;
  /** Feeds of the rows themselves. With two branches the unconditional rows follow the prompt's own. */
  rows(network: Network, branches: 1 | 2): Feeds;
  /** Feeds of one dummy row, for calls in which the cache speaks for the prompt. */
  dummyRow(network: Network): Feeds;
};

export type PromptWarning = { readonly code: WarningCode; readonly message: string };

/** The words of a text prompt, ready for the encoder. */
export type ReadText = {
  readonly cleaned: string;
  readonly ids: readonly number[];
  readonly warnings: readonly PromptWarning[];
};

/**
 * Cleans and tokenises.
 *
 * @throws GenerateError `empty-prompt` when cleaning leaves nothing; the message shows what was removed
 */
export function readText(raw: string, condition: Pack['condition'] & { kind: 'text' }, tokenizer: PromptTokenizer): ReadText {
  const { cleaned, removed } =
    condition.cleaning === 'llamagen' ? cleanReport(raw) : { cleaned: raw.trim(), removed: [] };
  if (cleaned === '') {
    const shown = removed.map((part) => `"${part}"`).join(', ');
    throw new GenerateError(
      'empty-prompt',
      raw.trim() === ''
        ? 'The prompt is empty. Describe the picture that you want.'
        : `Nothing is left of the prompt after cleaning${shown ? ` (removed: ${shown})` : ''}. Links, file names, markup and number codes do not describe a picture; add some words.`,
    );
  }
  const { ids, cut, unknown } = tokenizer.encode(cleaned);
  const warnings: PromptWarning[] = [];
  if (cut)
    warnings.push({
      code: 'prompt-cut',
      message: `The prompt is longer than ${condition.tokens} tokens and was cut after "…${cut.keptText.slice(-60)}"; not read: "${cut.droppedText.slice(0, 120)}${cut.droppedText.length > 120 ? '…' : ''}".`,
    });
  if (unknown.length > 0)
    warnings.push({
      code: 'unknown-words',
      message: `This model does not know: ${unknown.slice(0, 20).join(', ')}.`,
    });
  return { cleaned, ids, warnings };
}

/** Runs the text encoder. */
export async function encodeText(encoder: Graph, text: ReadText, condition: Pack['condition'] & { kind: 'text' }): Promise<Prompt> {
  const count = text.ids.length;
  const outputs = await encoder.run({
    [TEXT_ENCODER.inputs.ids]: int64([count], text.ids),
    [TEXT_ENCODER.inputs.positions]: { type: 'int32', shape: [count], data: Int32Array.from(range(0, count)) },
  });
  return textPrompt(text.ids.join(' '), outputs.float32(TEXT_ENCODER.outputs.states), condition);
}

/** @param states [n, width] text states, n at most `condition.tokens` */
export function textPrompt(key: string, states: Float32Array, condition: { tokens: number; width: number }): Prompt {
  const { tokens, width } = condition;
  const count = states.length / width;
  const feeds = (network: Network, values: Float32Array, rows: readonly number[]): Feeds => ({
    [CONDITION.states]: { type: 'float32', shape: [values.length / width, width], data: values },
    ...(network === 'teacher' ? { [CONDITION.rows]: int64([rows.length], rows) } : {}),
  });
  return {
    key,
    count,
    // The unconditional branch is the last `count` of the table's `tokens` rows, and the table follows the states.
    rows: (network, branches) =>
      feeds(network, states, [
        ...range(0, count),
        ...(branches === 2 ? range(tokens, tokens + count) : []),
      ]),
    dummyRow: (network) => feeds(network, new Float32Array(width), [0]),
  };
}

/**
 * Finds the class that the words name.
 *
 * @throws GenerateError `unknown-class` with the nearest names
 */
export function readClass(raw: string, labels: Labels): { prompt: Prompt; warnings: readonly PromptWarning[] } {
  const match = matchLabel(raw, labels);
  if (match.kind === 'none')
    throw new GenerateError(
      'unknown-class',
      `This model draws ${labels.size} kinds of things, and "${raw.slice(0, 80)}" is none of them.${
        match.suggestions.length > 0 ? ` Nearest: ${match.suggestions.join(', ')}.` : ''
      }`,
    );
  const warnings: PromptWarning[] =
    match.kind === 'within'
      ? [{ code: 'class-guessed', message: `Drawing "${match.name}"; this model knows single things only.` }]
      : [];
  return { prompt: classPrompt(match.index, labels.size), warnings };
}

/** @param classes how many there are; the row after the last is the unconditional one */
export function classPrompt(index: number, classes: number): Prompt {
  return {
    key: `class ${index}`,
    count: 1,
    rows: (_, branches) => ({
      [CONDITION.rows]: int64([branches], branches === 2 ? [index, classes] : [index]),
    }),
    dummyRow: () => ({ [CONDITION.rows]: int64([1], [index]) }),
  };
}
