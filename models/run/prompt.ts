import type { Scene } from './scene/scene.js';

/** A prompt as it is after reading: states of the text encoder, or a class. Families turn it into what their networks take. */
export type Prompt = {
  /** Equal prompts have equal keys, so that work done for one serves the other. */
  readonly key: string;
} & (
  | {
      readonly kind: 'text';
      /** [n, width], n from 1 to `tokens` */
      readonly states: Float32Array;
      readonly width: number;
      /** The most that the networks were trained on. */
      readonly tokens: number;
      /** What was composed of the words, and said to the text encoder in a language of its own, where the pack has a vocabulary for it. */
      readonly scene?: Scene;
    }
  | { readonly kind: 'class'; readonly index: number; readonly classes: number }
);
