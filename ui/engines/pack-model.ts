/** What the panel shows of a pack. */

import type { Pack } from '../../models/pack.js';
import type { Schedule } from '../../models/protocol.js';
import type { Model } from './offer.js';

/** Which part of the codes the teacher draws again where "fine" asks for more work. */
const RESAMPLED = 1 / 4;

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
    schedules: schedulesOf(pack),
  };
}

function schedulesOf({ student, teacher, grid }: Pack): Model['schedules'] {
  const sampled: Schedule = { kind: 'teacher', draw: 'sample' };
  if (!student) return { fine: sampled };
  const codes = grid.rows * grid.columns;
  // The teacher can draw again only what the first step settled.
  const [, settled = 0] = student.times;
  const two = settled > 0;
  const resampled = Math.max(1, Math.min(settled, Math.round(codes * RESAMPLED)));
  return {
    draft: { kind: 'student', steps: 1 },
    ...(two ? { standard: { kind: 'student', steps: 2 } as const } : {}),
    ...(teacher && two ? { fine: { kind: 'mixed', resampled } as const } : {}),
  };
}
