import type { Separated } from './scene/ink.js';
import type { Scene } from './scene/scene.js';

/** A prompt as it is after reading: states of the text encoder, or a class. Families turn it into what their networks take. */
export type Prompt = {
  /** Equal prompts have equal keys, so that work done for one serves the other. */
  readonly key: string;
  /** Icons that are drawn apart and laid over the picture. */
  readonly overlay?: Overlay;
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

export type TextPrompt = Extract<Prompt, { kind: 'text' }>;

export type Overlay = {
  readonly separated: Separated;
  /** Those of the icons, in their order. Where there is no base, the first of them is the prompt itself. */
  readonly icons: readonly Prompt[];
};
