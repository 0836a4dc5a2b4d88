/** From the person's words to a prompt: cleaned, tokenised and encoded text, or the class that the words name. */

import { TEXT_ENCODER } from '../graphs.js';
import type { Pack } from '../pack.js';
import { GenerateError, PLAN_FIELDS, type WarningCode } from '../protocol.js';
import type { Reading, SceneRules, Vocabulary } from '../vocabulary.js';
import type { Prompt, TextPrompt } from './prompt.js';
import { type Graph, int64 } from './runtime.js';
import { composeScene, type Pins } from './scene/compose-scene.js';
import { partsOf, pinnable } from './scene/pins.js';
import type { Scene } from './scene/scene.js';
import { type CleanReport, cleanReport } from './text/clean.js';
import { cleanForClip } from './text/clean-clip.js';
import { type Labels, matchLabel } from './text/labels.js';
import type { PromptTokenizer } from './text/tokenize.js';
import { readIntent, readPrompt } from './vocabulary/read.js';
import { describeReading, describeUnknown, isWhole } from './vocabulary/remarks.js';

export type PromptWarning = {
  readonly code: WarningCode;
  readonly message: string;
  readonly reading?: Reading | undefined;
};

/** The words of a text prompt, ready for the encoder. */
export type ReadText = {
  readonly cleaned: string;
  readonly ids: readonly number[];
  readonly warnings: readonly PromptWarning[];
};

/**
 * What a vocabulary understands of a prompt, and what the text encoder reads instead of it.
 *
 * @param force draw the prompt as it stands, whatever is understood of it
 * @throws GenerateError `unknown-words` with what comes nearest
 */
export function readWords(
  raw: string,
  vocabulary: Vocabulary,
  force: boolean,
): { readonly drawn: string; readonly warning: PromptWarning } | undefined {
  if (raw.trim() === '') return undefined;
  const reading = withoutOmitted(readPrompt(raw, vocabulary), raw, vocabulary);
  if (!reading.says && !force)
    throw new GenerateError('unknown-words', describeUnknown(reading, vocabulary), { reading });
  const code = isWhole(reading) ? 'understood' : 'unknown-words';
  return {
    drawn: force ? raw : reading.drawn,
    warning: { code, message: describeReading(reading, vocabulary, { asWritten: force }), reading },
  };
}

/**
 * @throws GenerateError `invalid-request` for a value of the plan that nothing is called
 */
export function checkPins(pins: Pins, vocabulary: Vocabulary): void {
  const known = pinnable(vocabulary);
  for (const field of PLAN_FIELDS)
    for (const part of partsOf(field, pins[field]))
      if (!known[field].includes(part))
        throw new GenerateError(
          'invalid-request',
          `The plan's ${field} is "${part.slice(0, 60)}"; this model knows ${known[field].join(', ')}.`,
        );
}

/** Where scenes are composed, what is understood and still not drawn counts as left out. */
function withoutOmitted(reading: Reading, raw: string, vocabulary: Vocabulary): Reading {
  const { scene } = vocabulary;
  if (!scene || !reading.says) return reading;
  const { omitted } = composeScene(readIntent(raw, vocabulary), { ...vocabulary, scene }, 0);
  const spans = omitted.map(({ start, end }) => ({ start, end, text: raw.slice(start, end) }));
  const isOmitted = ({ start }: { readonly start: number }) => spans.some((span) => span.start === start);
  return {
    ...reading,
    understood: reading.understood.filter((one) => !isOmitted(one)),
    left: [...reading.left, ...spans],
  };
}

/** What a pack that composes scenes draws for a picture: nothing in it is left open. */
export function sceneOf(
  raw: string,
  vocabulary: Vocabulary & { readonly scene: SceneRules },
  seed: number,
  pins: Pins,
): Scene {
  return composeScene(readIntent(raw, vocabulary), vocabulary, seed, pins).scene;
}

/**
 * Cleans and tokenises.
 *
 * @param understood what a vocabulary says of the words; it knows better than the tokenizer
 * @throws GenerateError `empty-prompt` when cleaning leaves nothing; the message shows what was removed
 */
export function readText(
  raw: string,
  condition: Pack['condition'] & { kind: 'text' },
  tokenizer: PromptTokenizer,
  understood?: PromptWarning,
): ReadText {
  const { cleaned, removed } = CLEAN[condition.cleaning](raw);
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
  const warnings: PromptWarning[] = understood ? [understood] : [];
  if (cut)
    warnings.push({
      code: 'prompt-cut',
      message: `The prompt is longer than ${condition.tokens} tokens and was cut after "…${cut.keptText.slice(-60)}"; not read: "${cut.droppedText.slice(0, 120)}${cut.droppedText.length > 120 ? '…' : ''}".`,
    });
  if (unknown.length > 0 && !understood)
    warnings.push({
      code: 'unknown-words',
      message: `This model does not know: ${unknown.slice(0, 20).join(', ')}.`,
    });
  return { cleaned, ids, warnings };
}

type Cleaning = (Pack['condition'] & { kind: 'text' })['cleaning'];

const CLEAN: { readonly [cleaning in Cleaning]: (raw: string) => Pick<CleanReport, 'cleaned' | 'removed'> } = {
  llamagen: cleanReport,
  clip: (raw) => ({ cleaned: cleanForClip(raw), removed: [] }),
  none: (raw) => ({ cleaned: raw.trim(), removed: [] }),
};

/** Runs the text encoder. */
export async function encodeText(
  encoder: Graph,
  text: ReadText,
  condition: Pack['condition'] & { kind: 'text' },
): Promise<TextPrompt> {
  const count = text.ids.length;
  const outputs = await encoder.run({
    [TEXT_ENCODER.inputs.ids]: int64([count], text.ids),
    [TEXT_ENCODER.inputs.positions]: {
      type: 'int32',
      shape: [count],
      data: Int32Array.from({ length: count }, (_, index) => index),
    },
  });
  return {
    kind: 'text',
    key: text.ids.join(' '),
    states: outputs.float32(TEXT_ENCODER.outputs.states),
    width: condition.width,
    tokens: condition.tokens,
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
  const { index } = match;
  return { prompt: { kind: 'class', key: `class ${index}`, index, classes: labels.size }, warnings };
}
