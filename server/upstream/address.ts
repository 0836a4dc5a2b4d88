/** Addresses of image servers, as their owner types them, and of pictures, as the servers give them out. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/**
 * Where `/images/generations` is.
 *
 * @param text `http://localhost:8080` or `https://api.example.com/v1`
 * @param hasKey a key is sent along, and goes over no line that others can read
 * @throws RangeError saying what is wrong with it
 */
export function baseOf(text: string, hasKey: boolean): string {
  if (!URL.canParse(text))
    throw new RangeError(`"${text}" is no address; it is to be one as in http://localhost:8080/v1.`);
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new RangeError(`"${text}" is not of http or https.`);
  if (url.username !== '' || url.password !== '' || url.search !== '')
    throw new RangeError(
      'The address holds a key, which would be in a file in clear. Name a variable of the environment with --key-env.',
    );
  if (url.protocol === 'http:' && hasKey && !isLoopback(url.hostname))
    throw new RangeError(`"${url.origin}" is not encrypted, and the key would be read on its way. Use https.`);
  const path = url.pathname.replace(/\/+$/, '').replace(/\/images\/generations$/, '');
  return `${url.origin}${path === '' ? '/v1' : path}`;
}

export const isLoopback = (hostname: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);

/** Addresses that mean this machine or its surroundings (IANA's special-purpose registries). */
const NEAR = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  NEAR.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  NEAR.addSubnet(net, bits, 'ipv6');

const isNear = (address: string): boolean => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return NEAR.check(mapped ?? address, isIP(mapped ?? address) === 6 ? 'ipv6' : 'ipv4');
};

/**
 * Whether a picture may be fetched from where a server says it is: its own host, or one of the public net, encrypted. A server names
 * addresses of ours as little as a client does. A name that means another address a moment later must still show a certificate for that name.
 *
 * @param resolve names to addresses; the system's, unless a test has its own
 */
export async function mayFetch(
  picture: URL,
  base: URL,
  resolve: (name: string) => Promise<readonly string[]> = resolveAll,
): Promise<boolean> {
  if (picture.origin === base.origin) return true;
  if (picture.protocol !== 'https:') return false;
  const name = picture.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(name) ? [name] : await resolve(name).catch(() => []);
  return addresses.length > 0 && !addresses.some(isNear);
}

const resolveAll = async (name: string) => (await lookup(name, { all: true })).map(({ address }) => address);
