/** Requests as the panel keeps them: read back from JSON, and known again by their quality. */
import { GenerateRequest, type Schedule } from '../../models/protocol.js';
import { type Model, QUALITIES, type Quality } from '../engines/offer.js';
import { type State, sizeFor } from './state.js';

/** @returns null for what is no JSON */
export function parse(json: string | null): unknown {
  try {
    return JSON.parse(json ?? 'null');
  } catch {
    return null;
  }
}

/** @returns null for what is no request */
export function readRequest(json: string | null): GenerateRequest | null {
  const request = GenerateRequest.safeParse(parse(json));
  return request.success ? request.data : null;
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
    prompt: state.prompt,
    pack: model.id,
    seeds: [...seeds],
    schedule,
    sampling: null,
    size: sizeFor(state, model.side),
    format: 'png',
    draft: schedule.kind === 'student' && (schedule.steps === 2 || schedule.refinements !== undefined),
  };
}

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
