/** Requests as the panel keeps them: read back from JSON, and known again by their quality. */
import { type GenerateRequest, REQUEST_DEFAULTS, type Schedule } from '../../models/protocol.js';
import type { UnreadableRequest } from '../../models/request/upgrade.js';
import { type Model, QUALITIES, type Quality } from '../engines/offer.js';
import { newSeed, seedsFrom } from './seeds.js';
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
  const schedule = model.schedules[quality];
  if (!schedule) return null;
  return {
    ...REQUEST_DEFAULTS,
    prompt: state.prompt,
    pack: model.id,
    seeds: [...seeds],
    schedule,
    size: sizeFor(state, model),
    background: state.settings.transparent && model.transparent ? 'transparent' : 'opaque',
    draft: schedule.kind === 'student' && (schedule.steps === 2 || schedule.refinements !== undefined),
  };
}

/** The same prompt with new seeds, in the shape of the layers that are selected now. */
export function varied(state: State, request: GenerateRequest): GenerateRequest {
  const { width, height } = request.size;
  const size = placeOf(state).layers > 0 ? sizeFor(state, { side: Math.min(width, height) }) : request.size;
  return { ...request, size, seeds: seedsFrom(newSeed(), state.settings.count) };
}

/** Equal requests give equal images. Whether drafts are wanted, and of which encoding, changes nothing that is seen. */
export const isSameImage = (one: GenerateRequest | null, other: GenerateRequest): boolean =>
  one !== null &&
  one.prompt === other.prompt &&
  one.pack === other.pack &&
  one.seeds.join() === other.seeds.join() &&
  one.size.width === other.size.width &&
  one.size.height === other.size.height &&
  one.background === other.background &&
  JSON.stringify(one.sampling) === JSON.stringify(other.sampling) &&
  written(one.schedule) === written(other.schedule);

/**
 * The quality that a request was made with. Only its model knows: a two-head student's qualities differ in their steps, those
 * of a flow head in refinements alone.
 *
 * @returns null where the model has no quality of that schedule
 */
export function qualityOf({ schedule }: GenerateRequest, model: Model | undefined): Quality | null {
  return QUALITIES.find((quality) => isSame(model?.schedules[quality], schedule)) ?? null;
}

function isSame(one: Schedule | undefined, other: Schedule): boolean {
  return one !== undefined && written(one) === written(other);
}

/** No refinements and none said are the same. */
const written = (schedule: Schedule) =>
  schedule.kind === 'student'
    ? `student ${schedule.steps} ${schedule.refinements ?? 0}`
    : schedule.kind === 'mixed'
      ? `mixed ${schedule.resampled}`
      : `teacher ${schedule.draw}`;
