/** A short code, shown where only the person sees it, that is exchanged once for a token. */
import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

export type Redeemed =
  | { readonly outcome: 'paired' }
  | { readonly outcome: 'wrong' }
  /** Seconds until the next try is heard. */
  | { readonly outcome: 'too-many'; readonly retryAfter: number };

/** Where the code lies that is right now: in this process, or with the queue that several companions share. */
export type PairingCode = {
  /** Without dash. */
  current(): string;
  /** Draws the next one where the text is this one. @param isRight compares in a time that tells nothing */
  use(isRight: (code: string) => boolean): Promise<boolean>;
};

export type Pairing = {
  /** As it is shown: `ABCD-EFGH`. */
  code(): string;
  /** Case, spaces and dashes do not matter. */
  redeem(code: string, from?: Source): Promise<Redeemed>;
};

/** `name`: a page's origin, or the address of what has none. `shared`: anybody may have that name. */
export type Source = { readonly name: string; readonly shared: boolean };

/**
 * No letters and digits that look alike. 8 of 31 are 8.5e11 codes, 39 bits.
 *
 * Any page of the web can send codes, so each origin is counted apart: who was wrong five times within a minute is not heard for the rest
 * of it. A panel in Figma has the origin "null", which every sandboxed frame of any page has as well; it is not shut out, but heard once
 * a second. Origins can be made up by programs, so that all together are heard 20 times a second: guessing takes
 * 8.5e11 codes / 20 a second / 2 = 680 years on average, and with each new start of the companion the code is another one.
 */
const ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const LENGTH = 8;
const TRIES = { count: 5, within: 60_000 } as const;
/** Milliseconds between two tries that are heard: of a shared origin that was wrong too often, and of everyone. */
const PACE = { shared: 1000, all: 50 } as const;
/** Milliseconds that a try waits for its turn; one that would wait longer is refused. */
const PATIENCE = 5000;
/** Names of origins are free to choose, so only so many are remembered. */
const REMEMBERED = 1000;

/** `waiting`: tries whose turn has not come. */
type Guest = { failures: number[]; waiting: number; next: number };

export function createPairing(code: PairingCode = createLocalCode(), now: () => number = Date.now): Pairing {
  /** When the next try of anybody is heard. */
  let next = 0;
  const guests = new Map<string, Guest>();

  function guestOf(from: string): Guest {
    const guest = guests.get(from) ?? { failures: [], waiting: 0, next: 0 };
    guest.failures = guest.failures.filter((time) => time > now() - TRIES.within);
    // The one that was heard last is the last to be forgotten.
    guests.delete(from);
    guests.set(from, guest);
    for (const [oldest] of guests) if (guests.size > REMEMBERED) guests.delete(oldest);
    return guest;
  }

  return {
    code: () => `${code.current().slice(0, 4)}-${code.current().slice(4)}`,
    async redeem(text, { name, shared } = { name: '', shared: false }) {
      const guest = guestOf(name);
      const suspect = guest.failures.length + guest.waiting >= TRIES.count;
      if (suspect && !shared) return tooMany((guest.failures[0] ?? now()) + TRIES.within - now());
      const turn = Math.max(now(), next, suspect ? guest.next : 0);
      const wait = turn - now();
      if (wait > PATIENCE) return tooMany(wait);
      next = Math.max(next, now()) + PACE.all;
      if (suspect) guest.next = turn + PACE.shared;
      guest.waiting += 1;
      if (wait > 0) await delay(wait);
      guest.waiting -= 1;
      const typed = text.toUpperCase().replaceAll(/[\s-]/g, '');
      if (await code.use((right) => same(typed, right))) return { outcome: 'paired' };
      guest.failures.push(now());
      return { outcome: 'wrong' };
    },
  };
}

const tooMany = (wait: number): Redeemed => ({ outcome: 'too-many', retryAfter: Math.max(1, Math.ceil(wait / 1000)) });

function createLocalCode(): PairingCode {
  let code = drawCode();
  return {
    current: () => code,
    async use(isRight) {
      if (!isRight(code)) return false;
      code = drawCode();
      return true;
    },
  };
}

export const drawCode = (): string =>
  Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
