import { coloursOf } from '../vocabulary/intent.js';
import type { Cast } from './compose-scene.js';

/**
 * Each single thing of a picture, so many of every kind as the prompt says. "Red and blue stars": equal things share out the colours that
 * they were given.
 *
 * @param least how many of each there are at least
 */
export const membersOf = (cast: readonly Cast[], least = 1): Cast[] =>
  cast.flatMap((one) => {
    const given = one.colour === null ? [] : coloursOf(one.noun);
    const count = Math.max(least, one.noun.count ?? 1);
    return Array.from({ length: count }, (_, at) => ({ ...one, colour: given[at % given.length] ?? one.colour }));
  });
