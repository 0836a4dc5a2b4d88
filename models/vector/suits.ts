/** Whether a picture is one for vectors: flat shapes are, photographs and noise are not. */
import type { Vectors } from './vectors.js';

/** With less of the picture in it, a tracing is another picture. */
export const LEAST_FIDELITY = 0.85;

/** With more points, nobody edits it. */
export const MOST_POINTS = 1500;

export type Suits = 'yes' | 'too-little-kept' | 'parts-missing' | 'too-many-points';

export function suits({ fidelity, points, lost }: Pick<Vectors, 'fidelity' | 'points' | 'lost'>): Suits {
  if (fidelity < LEAST_FIDELITY) return 'too-little-kept';
  // However small they are beside the rest: a sun without its rays is another picture.
  if (lost > 0) return 'parts-missing';
  return points > MOST_POINTS ? 'too-many-points' : 'yes';
}
