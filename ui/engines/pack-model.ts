/** What the panel shows of a pack. */

import { presetsOf } from '../../models/families/packs.js';
import type { Pack } from '../../models/pack.js';

import type { Vocabulary } from '../../models/vocabulary.js';
import type { Model } from './offer.js';

/**
 * @param classes names that it knows, where it draws classes
 * @param vocabulary words that it understands, where it says so
 */
export function toModel(pack: Pack, classes: readonly string[] | null, vocabulary?: Vocabulary | undefined): Model {
  const { id, name, description, licence, ideas, size, transparency } = pack;
  return {
    id,
    name,
    description,
    licence: licence.spdx,
    ideas,
    classes,
    vocabulary,
    side: Math.max(size.width, size.height),
    schedules: presetsOf(pack),
    transparent: transparency !== undefined,
    // What stands on even backgrounds that can be taken away is flat.
    isFlat: transparency === 'matte',
  };
}
