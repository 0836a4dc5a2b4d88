/** Where the companion listens, and by which names it may be called there. */
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

const LOOPBACKS = ['127.0.0.1', '::1'];

/** All addresses of IPv4; of IPv4 and IPv6. */
const EVERY = { four: '0.0.0.0', both: '::' } as const;

export type Addresses = {
  readonly hosts: readonly string[];
  /** Those of them that somebody asked for. */
  readonly needed: readonly string[];
};

/**
 * The loopbacks and what was asked for. A port is given once for each address, so an address that stands for all takes the place of those that it covers.
 *
 * @param given addresses, as `--listen` has them; its `localhost` is both loopbacks
 */
export function addressesFor(given: readonly string[]): Addresses {
  const asked = given.map(toAddress).filter((address) => address !== 'localhost');
  const all = [...new Set([...LOOPBACKS, ...asked])];
  const hosts = all.filter((address) => {
    if (all.includes(EVERY.both)) return address === EVERY.both;
    return address === EVERY.four || !all.includes(EVERY.four) || !isIPv4(address);
  });
  return { hosts, needed: hosts.filter((address) => asked.includes(address)) };
}

/**
 * Values of the Host header that are this companion and no page that had its name point here (DNS rebinding). Whoever listens at all addresses may be
 * called by each that the machine has.
 *
 * @param given addresses, as `--listen` has them
 * @param names beside those, as `--allow-host` has them
 */
export function hostNames(
  given: readonly string[],
  names: readonly string[],
  interfaces: () => Partial<ReturnType<typeof networkInterfaces>> = networkInterfaces,
): ReadonlySet<string> {
  const asked = given.map(toAddress);
  const everywhere = asked.some((address) => address === EVERY.both || address === EVERY.four);
  const own = everywhere
    ? Object.values(interfaces()).flatMap((list) => list?.map(({ address }) => address) ?? [])
    : [];
  return new Set(['localhost', ...[...LOOPBACKS, ...asked, ...own, ...names].map(toHost)]);
}

/** Of all the ways to write an address the one that a URL has, and so the Host header: `::0` is `[::]`. The zone of a link-local address is no part of that. */
function toHost(text: string): string {
  const plain = withoutBrackets(text).split('%', 1)[0] ?? '';
  const url = `http://${plain.includes(':') ? `[${plain}]` : plain}`;
  return URL.canParse(url) ? new URL(url).hostname : text.toLowerCase();
}

function toAddress(text: string): string {
  const zone = /%[^\]]*/.exec(text)?.[0] ?? '';
  return withoutBrackets(toHost(text)) + zone;
}

const withoutBrackets = (text: string) => text.replace(/^\[|\]$/g, '');
