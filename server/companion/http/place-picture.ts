/** A finished picture goes to the panel that is open, for `POST /v1/placements` and for agents. */
import type { Placement, PlacementRequest } from '../../../models/api.js';
import type { Companion } from './companion.js';
import { failure } from './failure.js';
import { pictureAddress } from './picture-address.js';

/**
 * @param owner whose job it is; the token must be one that was made on this machine
 * @throws HttpError `not_allowed`, `picture_not_found`, `no_panel` or `placement_refused`
 */
export async function placePicture(
  { panels, jobs, tokens }: Companion,
  owner: string,
  { job, index, where }: PlacementRequest & { readonly where: 'selection' | 'beside' },
  signal: AbortSignal,
): Promise<Placement> {
  // Somebody's document is open there: a device that was let in by a code draws, and touches no other window.
  if (!(await tokens.list()).find(({ id }) => id === owner)?.manages)
    throw failure(403, 'not_allowed', 'Placing is for keys that were made on this machine ("twostep token create").');
  const found = await jobs.find(owner, job);
  const picture = found?.log.find((event) => event.type === 'picture' && event.index === index);
  if (!found || picture?.type !== 'picture')
    throw failure(404, 'picture_not_found', 'There is no such picture, or not any more.', { param: 'job' });
  const { seed, width, height } = picture;
  const request = { ...(found.job.request as object), seeds: [seed] };
  const order = { picture: pictureAddress(tokens, { job, index }, 'png'), request, width, height, where };
  const answer = await panels.place(order, signal);
  if (!answer)
    throw failure(
      409,
      'no_panel',
      'No panel is connected. Open Twostep in Figma (Plugins > Development > Twostep) and connect it to the companion.',
    );
  if (answer.outcome === 'refused')
    throw failure(409, 'placement_refused', `The panel could not place it: ${answer.reason}`);
  return { names: answer.names };
}
