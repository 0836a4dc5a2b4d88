/** What the panel shows of a pack. */

import type { Pack } from '../../models/pack.js';
import { qualitiesOf } from '../../models/qualities.js';
import type { Model } from './offer.js';

/** @param classes names that it knows, where it draws classes */
export function toModel(pack: Pack, classes: readonly string[] | null): Model {
  const { id, name, description, licence, ideas, grid } = pack;
  return {
    id,
    name,
    description,
    licence: licence.spdx,
    ideas,
    classes,
    side: Math.max(grid.rows, grid.columns) * grid.downsample,
    schedules: qualitiesOf(pack),
  };
}
