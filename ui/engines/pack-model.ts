/** What the panel shows of a pack. */

import type { Model as ApiModel } from '../../models/api.js';
import { presetsOf } from '../../models/families/packs.js';
import type { Pack } from '../../models/pack.js';
import type { Presets } from '../../models/request/presets.js';
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

/** What the panel shows of a model on another server; null where it is no such. */
export function toRemoteModel({ id, name, description, licence, size, presets, notice }: ApiModel): Model | null {
  if (notice === null) return null;
  const side = Math.max(...size.split('x').map(Number));
  return { id, name, description, licence, ideas: [], classes: null, side, schedules: presetsIn(presets), notice };
}

/** Without what is left out. */
function presetsIn({ draft, standard, fine }: ApiModel['presets']): Presets {
  return { ...(draft ? { draft } : {}), ...(standard ? { standard } : {}), ...(fine ? { fine } : {}) };
}
