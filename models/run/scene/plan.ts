/** What a picture shows, in the words of a plan. */
import type { SceneRules, Vocabulary } from '../../vocabulary.js';
import { readIntent } from '../vocabulary/read.js';
import { composeScene, type Pins } from './compose-scene.js';

/**
 * The plan with which a picture was composed, composed once more: what the prompt said, what was pinned and what the seed decided. A field
 * that has no single value is left out (the colour of things that differ). Each value, pinned, gives the same one for every other seed.
 */
export function planOf(
  prompt: string,
  vocabulary: Vocabulary & { readonly scene: SceneRules },
  seed: number,
  pins: Pins = {},
): Pins {
  return composeScene(readIntent(prompt, vocabulary), vocabulary, seed, pins).plan;
}
