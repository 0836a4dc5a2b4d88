/** The address by which a client called, also through a proxy, so that an address in an answer leads back here. */
import type { Context } from 'hono';
import { hostOf } from './guard.js';

/**
 * @param hosts names by which the companion may be called: a forwarded one that is not among them is not believed
 * @returns without a slash at its end
 */
export function publicAddress({ req }: Context, hosts: ReadonlySet<string>): string {
  const forwarded = firstOf(req.header('x-forwarded-host'));
  const name = hostOf(forwarded);
  const host = name !== undefined && hosts.has(name) ? forwarded : req.header('host');
  const scheme = firstOf(req.header('x-forwarded-proto'))?.toLowerCase() === 'https' ? 'https' : 'http';
  return `${scheme}://${host}`;
}

/** Each proxy adds what it saw; the first is the one that the client speaks to. */
const firstOf = (header: string | undefined) => header?.split(',', 1)[0]?.trim();
