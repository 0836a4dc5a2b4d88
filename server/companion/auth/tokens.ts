/**
 * Who may use the companion: bearer tokens, of which only a hash is on disk. The store is shared between processes, so
 * `twostep token revoke` works while the companion runs.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Token } from '../../../models/api.js';
import { written } from '../../node/storage.js';
import { type OpenOptions, openSoundStore } from '../lmdb/sound-store.js';

export type Tokens = {
  /** The token itself is shown this once. */
  create(name: string, how?: { readonly manages: boolean }): Promise<{ token: string; id: string }>;
  /** Whose token it is; undefined when it is none. */
  check(token: string): Token | undefined;
  list(): Token[];
  /** Whether a token of this id is there still. */
  has(id: string): boolean;
  /** @returns false when there is none of this id */
  revoke(id: string): Promise<boolean>;
  /** Proof that an address was given out by us. */
  sign(text: string): string;
  close(): Promise<void>;
};

const PREFIX = 'twostep_';
/** The time of the last use is written down at most so often. */
const NOTE_USE_AFTER = 60_000;

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** @param folder is made when it is not there */
export function openTokens(folder: string, { now = Date.now, ...options }: OpenOptions = {}): Tokens {
  const root = openSoundStore(folder, { now, ...options });
  const tokens = root.openDB<Token, string>({ name: 'tokens' });
  const secrets = root.openDB<Uint8Array, string>({ name: 'secrets', encoding: 'binary' });
  const secret = (): Uint8Array => {
    const found = secrets.get('addresses');
    if (found) return found;
    const fresh = randomBytes(32);
    secrets.putSync('addresses', fresh);
    return fresh;
  };
  return {
    async create(name, { manages } = { manages: false }) {
      const token = PREFIX + randomBytes(32).toString('base64url');
      const id = `token_${randomBytes(8).toString('hex')}`;
      await written(tokens.put(hash(token), { id, name, manages, created: now(), used: null }), folder);
      return { token, id };
    },
    check(token) {
      if (!token.startsWith(PREFIX) || token.length > 100) return undefined;
      // The hash is looked up, so the time it takes tells nothing about the token.
      const key = hash(token);
      const found = tokens.get(key);
      // Without this note the token is as good.
      if (found && now() - (found.used ?? 0) > NOTE_USE_AFTER)
        void tokens.put(key, { ...found, used: now() }).catch(() => false);
      return found;
    },
    list: () => [...tokens.getRange({})].map(({ value }) => value).sort((a, b) => a.created - b.created),
    has: (id) => [...tokens.getRange({})].some(({ value }) => value.id === id),
    async revoke(id) {
      const found = [...tokens.getRange({})].find(({ value }) => value.id === id);
      if (!found) return false;
      return written(tokens.remove(found.key), folder);
    },
    sign: (text) => createHash('sha256').update(secret()).update(hash(text)).digest('hex').slice(0, 32),
    close: () => root.close(),
  };
}
