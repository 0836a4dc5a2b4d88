/** A short code, shown where only the person sees it, that is exchanged once for a token. */
import { createHash, randomInt, timingSafeEqual } from 'node:crypto';

export type Redeemed =
  | { readonly outcome: 'paired' }
  | { readonly outcome: 'wrong' }
  /** Seconds until the next try is heard. */
  | { readonly outcome: 'too-many'; readonly retryAfter: number };

export type Pairing = {
  /** As it is shown: `ABCD-EFGH`. */
  code(): string;
  /** Case, spaces and dashes do not matter. */
  redeem(code: string): Redeemed;
};

/** No letters and digits that look alike. 8 of 31 are 39 bits: at 5 tries a minute a guess takes 100,000 years. */
const ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const LENGTH = 8;
const TRIES = { count: 5, within: 60_000 } as const;

export function createPairing(onNewCode: (code: string) => void = () => {}, now: () => number = Date.now): Pairing {
  let code = draw();
  let failures: number[] = [];
  return {
    code: () => `${code.slice(0, 4)}-${code.slice(4)}`,
    redeem(text) {
      failures = failures.filter((time) => time > now() - TRIES.within);
      const [oldest] = failures;
      if (oldest !== undefined && failures.length >= TRIES.count)
        return { outcome: 'too-many', retryAfter: Math.ceil((oldest + TRIES.within - now()) / 1000) };
      if (!same(text.toUpperCase().replaceAll(/[\s-]/g, ''), code)) {
        failures.push(now());
        return { outcome: 'wrong' };
      }
      code = draw();
      onNewCode(this.code());
      return { outcome: 'paired' };
    },
  };
}

const draw = () => Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
