import type { Context } from 'hono';
import type { Variables } from './companion.js';
import { failure } from './failure.js';

/** The id of the token that came with the request; the guard lets nobody in without one, except for what is open to all. */
export function ownerOf(context: Context<Variables>): string {
  const owner = context.get('owner');
  if (owner === undefined) throw failure(401, 'missing_api_key', 'A token is missing.');
  return owner;
}
