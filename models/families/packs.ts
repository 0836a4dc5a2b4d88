/**
 * Packs as hosts read them: pack.json of every version and of every family in all.ts, and what a family answers for its packs.
 * Panel, engine page, API, command line and tests ask here and nowhere else.
 */
import type * as z from 'zod/mini';
import { createPackSchema, type GraphRole, listUsedFiles } from '../pack.js';
import type { Sampling, Schedule } from '../protocol.js';
import type { RequestTarget } from '../request/build.js';
import { nearestPreset, type Presets } from '../request/presets.js';
import { FAMILIES, FAMILY_INFOS } from './all.js';
import { type Family, type FamilyInfo, findFamily } from './family.js';

export const Pack = createPackSchema(FAMILY_INFOS);
export type Pack = z.output<typeof Pack>;

function infoOf({ id, family }: Pack): FamilyInfo {
  const found = FAMILY_INFOS.find(({ kind }) => kind === family.kind);
  if (!found) throw new RangeError(`pack ${id} is of the family ${family.kind}, which is not known here`);
  return found;
}

/** For hosts that draw: whoever calls this has all networks in its bundle. */
export const familyOf = (pack: Pack): Family => findFamily(FAMILIES, pack);

export const presetsOf = (pack: Pack): Presets => infoOf(pack).presets(pack);

/** Whether it can start from a picture. */
export const canEdit = (pack: Pack): boolean => infoOf(pack).canEdit(pack);

export const scheduleOfSteps = (pack: Pack, steps: number): Schedule => familyOf(pack).scheduleOfSteps(pack, steps);

/** What may be steered, as it is where nobody says otherwise; null where nothing may. */
export const samplingOf = (pack: Pack): Sampling | null => familyOf(pack).sampling(pack);

export const targetOf = (pack: Pack): RequestTarget => ({ id: pack.id, presets: presetsOf(pack), size: pack.size });

/** The schedule to draw with when nobody said how. */
export function defaultSchedule(pack: Pack): Schedule {
  const presets = presetsOf(pack);
  const schedule = presets[nearestPreset(presets, 'standard')];
  if (!schedule) throw new RangeError(`pack ${pack.id} has no preset`);
  return schedule;
}

/** The files that ONNX Runtime is given, of which each is checked for what it is made of before. */
export const graphsOf = (pack: Pack): readonly { readonly path: string; readonly role: GraphRole }[] =>
  listUsedFiles(infoOf(pack), pack).flatMap(({ path, role }) => (role === 'data' ? [] : [{ path, role }]));

export const isGraph = (pack: Pack, path: string): boolean => graphsOf(pack).some((graph) => graph.path === path);

/** Free text before classes; then what the family says. */
export const preferenceOf = (pack: Pack): number =>
  (pack.condition.kind === 'text' ? 1e9 : 0) + familyOf(pack).preference(pack);
