/** Where the companion listens, and by which names it may be called there. */
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

const LOOPBACKS = ['127.0.0.1', '::1'];

/** All addresses of IPv4; of IPv4 and IPv6. */
const EVERY = { four: '0.0.0.0', both: '::' } as const;

/**
 * The loopbacks and what was asked for. A port is given once for each address, so an address that stands for all takes the place of those that it covers.
 *
 * @param asked addresses, as `--listen` has them
 */
export function addressesFor(asked: readonly string[]): readonly string[] {
  const all = [...new Set([...LOOPBACKS, ...asked.map((address) => address.toLowerCase())])];
  if (all.includes(EVERY.both)) return [EVERY.both];
  return all.includes(EVERY.four) ? all.filter((address) => address === EVERY.four || !isIPv4(address)) : all;
}

/**
 * Values of the Host header that are this companion and no page that had its name point here (DNS rebinding). Whoever listens at all addresses may be
 * called by each that the machine has.
 *
 * @param asked addresses, as `--listen` has them
 * @param names beside those, as `--allow-host` has them
 */
export function hostNames(
  asked: readonly string[],
  names: readonly string[],
  interfaces: () => Partial<ReturnType<typeof networkInterfaces>> = networkInterfaces,
): ReadonlySet<string> {
  const everywhere = asked.some((address) => address === EVERY.both || address === EVERY.four);
  const own = everywhere
    ? Object.values(interfaces()).flatMap((list) => list?.map(({ address }) => address) ?? [])
    : [];
  return new Set([
    'localhost',
    ...[...LOOPBACKS, ...asked, ...own].map(asHost),
    ...names.map((name) => name.toLowerCase()),
  ]);
}

/** As a URL has it; the zone of a link-local address is no part of that. */
const asHost = (address: string) => (address.includes(':') ? `[${address.split('%', 1)[0]}]` : address).toLowerCase();
