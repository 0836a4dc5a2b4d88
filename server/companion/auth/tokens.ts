/** Who may use the companion: bearer tokens, of which only a hash is kept. */
import { createHash, randomBytes } from 'node:crypto';
import type { Token } from '../../../models/api.js';

export type Tokens = {
  /** The token itself is shown this once. */
  create(name: string, how?: { readonly manages: boolean }): Promise<{ token: string; id: string }>;
  /** Whose token it is; undefined when it is none. */
  check(token: string): Promise<Token | undefined>;
  list(): Promise<Token[]>;
  /** Whether a token of this id is there still. */
  has(id: string): boolean;
  /** @returns false when there is none of this id */
  revoke(id: string): Promise<boolean>;
  /** Proof that an address was given out by us. */
  sign(text: string): string;
  close(): Promise<void>;
};

const PREFIX = 'twostep_';
/** Milliseconds. The time of the last use is written down at most so often. */
export const NOTE_USE_AFTER = 60_000;

export const hashToken = (text: string): string => createHash('sha256').update(text).digest('hex');

/** @returns whether it may be one of ours, before anything is looked up */
export const looksLikeToken = (text: string): boolean => text.startsWith(PREFIX) && text.length <= 100;

/** @param now milliseconds since 1970 */
export function drawToken(
  name: string,
  manages: boolean,
  now: number,
): { readonly secret: string; readonly token: Token } {
  const secret = PREFIX + randomBytes(32).toString('base64url');
  return {
    secret,
    token: { id: `token_${randomBytes(8).toString('hex')}`, name, manages, created: now, used: null },
  };
}

/** @param secret of the installation */
export const signText = (secret: Uint8Array, text: string): string =>
  createHash('sha256').update(secret).update(hashToken(text)).digest('hex').slice(0, 32);
