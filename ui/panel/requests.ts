/** Requests as the panel keeps them: read back from JSON, and known again by their quality. */

import { GenerateRequest } from '../../models/protocol.js';
import { buildRequest, seedsFrom } from '../../models/request/build.js';
import { presetOf } from '../../models/request/presets.js';
import { scheduleKey } from '../../models/request/schedule.js';
import type { UnreadableRequest } from '../../models/request/upgrade.js';
import { settled } from '../../models/wildcards.js';
import type { Model, Quality } from '../engines/offer.js';
import { paletteOf } from './colours.js';
import { pinsFor } from './plan.js';
import { newSeed } from './seeds.js';
import { placeOf, type State, sizeFor } from './state.js';
import { TEXT } from './text.js';

/** @returns null for what is no JSON */
export function parse(json: string | null): unknown {
  try {
    return JSON.parse(json ?? 'null');
  } catch {
    return null;
  }
}

/** What the panel says where a request can't be read. */
export function unreadableWords(unreadable: UnreadableRequest | undefined): { title: string; detail: string } {
  const newer = unreadable?.why === 'newer';
  return {
    title: newer ? TEXT.unreadable.newer : TEXT.unreadable.damaged,
    detail: newer ? TEXT.unreadable.newerDetail : TEXT.unreadable.damagedDetail,
  };
}

/** The request for what is in the field, or null where the model has no such quality. */
export function requestFor(
  state: State,
  seeds: readonly number[],
  quality: Quality,
  model: Model,
): GenerateRequest | null {
  if (!model.schedules[quality]) return null;
  const target = { id: model.id, presets: model.schedules, size: { width: model.side, height: model.side } };
  const { prompt, settings } = state;
  const size = sizeFor(state, model);
  const background = settings.transparent && model.transparent ? 'transparent' : 'opaque';
  const plan = pinsFor(state.plan, model);
  const palette = model.isFlat ? paletteOf(state) : [];
  return buildRequest(target, { prompt, seeds, preset: quality, size, background, plan, palette, draft: true });
}

/** The model that a request is for, where an engine has it. */
export function modelOf({ findings }: State, { pack }: GenerateRequest): Model | undefined {
  const models = Object.values(findings).flatMap((found) => (found?.state === 'ready' ? found.models : []));
  return models.find(({ id }) => id === pack);
}

/** The same prompt with new seeds, in the shape of the layers that are selected now, with what is kept the same now. */
export function varied(state: State, request: GenerateRequest): GenerateRequest {
  const { width, height } = request.size;
  const model = modelOf(state, request);
  const plan = model?.vocabulary?.scene ? pinsFor(state.plan, model) : request.plan;
  const size = placeOf(state).layers > 0 ? sizeFor(state, { side: Math.min(width, height) }) : request.size;
  return { ...settled(request), size, plan, seeds: seedsFrom(newSeed(), state.settings.count) };
}

/** Equal requests give equal images. Whether drafts are wanted, and of which encoding, changes nothing that is seen. */
export const isSameImage = (one: GenerateRequest | null, other: GenerateRequest): boolean =>
  one !== null && seenOf(one) === seenOf(other);

/** Whatever fields a request has or will have, in one order. */
const seenOf = (request: GenerateRequest): string =>
  JSON.stringify({ ...GenerateRequest.parse({ ...request, draft: false }), schedule: scheduleKey(request.schedule) });

/**
 * The quality that a request was made with. Only its model knows: a two-head student's qualities differ in their steps, those
 * of a flow head in refinements alone.
 *
 * @returns null where the model has no quality of that schedule
 */
export function qualityOf({ schedule }: GenerateRequest, model: Model | undefined): Quality | null {
  return (model && presetOf(model.schedules, schedule)) ?? null;
}
