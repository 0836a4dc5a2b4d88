/** A prompt as rows that go into the networks: of text states, or of the class table (models/graphs.ts, CONDITION). */

import { CONDITION } from '../../graphs.js';
import type { Prompt } from '../../run/prompt.js';
import { type Feed, type Feeds, int64 } from '../../run/runtime.js';
import type { Scene } from '../../run/scene/scene.js';
import { range } from '../../sampling/schedule.js';

export type Network = 'student' | 'teacher';

/** Equal prompts have equal keys, so that work done for one serves the other. */
export type PromptFeeds = {
  readonly key: string;
  /** Condition rows: tokens of the text, or 1 for a class. */
  readonly count: number;
  /** Feeds of the rows themselves. With two branches the unconditional rows follow the prompt's own. */
  rows(network: Network, branches: 1 | 2): Feeds;
  /** The text states, whole; nothing for a class. */
  readonly words?: Feed;
  /** What is to be drawn, for networks that are told it position by position. */
  readonly scene?: Scene | undefined;
  /** Feeds of one dummy row, for calls in which the cache speaks for the prompt. */
  dummyRow(network: Network): Feeds;
};

export function feedsOf(prompt: Prompt): PromptFeeds {
  return prompt.kind === 'text'
    ? { ...textPrompt(prompt.key, prompt.states, prompt), scene: prompt.scene }
    : classPrompt(prompt.index, prompt.classes);
}

/** @param states [n, width] text states, n at most `condition.tokens` */
export function textPrompt(
  key: string,
  states: Float32Array,
  condition: { tokens: number; width: number },
): PromptFeeds {
  const { tokens, width } = condition;
  const count = states.length / width;
  const feeds = (network: Network, values: Float32Array, rows: readonly number[]): Feeds => ({
    [CONDITION.states]: { type: 'float32', shape: [values.length / width, width], data: values },
    ...(network === 'teacher' ? { [CONDITION.rows]: int64([rows.length], rows) } : {}),
  });
  return {
    key,
    count,
    words: { type: 'float32', shape: [count, width], data: states },
    // The unconditional branch is the last `count` of the table's `tokens` rows, and the table follows the states.
    rows: (network, branches) =>
      feeds(network, states, [...range(0, count), ...(branches === 2 ? range(tokens, tokens + count) : [])]),
    dummyRow: (network) => feeds(network, new Float32Array(width), [0]),
  };
}

/** @param classes how many there are; the row after the last is the unconditional one */
export function classPrompt(index: number, classes: number): PromptFeeds {
  return {
    key: `class ${index}`,
    count: 1,
    rows: (_, branches) => ({
      [CONDITION.rows]: int64([branches], branches === 2 ? [index, classes] : [index]),
    }),
    dummyRow: () => ({ [CONDITION.rows]: int64([1], [index]) }),
  };
}
