/** What the panel shows of a pack. */

import type { Pack } from '../../models/pack.js';
import { presetsOf } from '../../models/request/presets.js';
import type { Vocabulary } from '../../models/vocabulary.js';
import type { Model } from './offer.js';

/**
 * @param classes names that it knows, where it draws classes
 * @param vocabulary words that it understands, where it says so
 */
export function toModel(pack: Pack, classes: readonly string[] | null, vocabulary?: Vocabulary | undefined): Model {
  const { id, name, description, licence, ideas, grid, transparency } = pack;
  return {
    id,
    name,
    description,
    licence: licence.spdx,
    ideas,
    classes,
    vocabulary,
    side: Math.max(grid.rows, grid.columns) * grid.downsample,
    schedules: presetsOf(pack),
    transparent: transparency !== undefined,
    // What stands on even backgrounds that can be taken away is flat.
    isFlat: transparency === 'matte',
  };
}
