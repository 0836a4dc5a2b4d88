/** Tokens on this machine's disk. The store is shared between processes, so `twostep token revoke` works while the companion runs. */
import { randomBytes } from 'node:crypto';
import type { Token } from '../../../models/api.js';
import { written } from '../../node/storage.js';
import { type OpenOptions, openSoundStore } from '../lmdb/sound-store.js';
import { drawToken, hashToken, looksLikeToken, NOTE_USE_AFTER, signText, type Tokens } from './tokens.js';

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
  let closed = false;
  /** Streams look whether their token is there until they have ended; what is closed must not be read. */
  const all = () => (closed ? [] : [...tokens.getRange({})]);

  return {
    async create(name, { manages } = { manages: false }) {
      const { secret, token } = drawToken(name, manages, now());
      await written(tokens.put(hashToken(secret), token), folder);
      return { token: secret, id: token.id };
    },
    async check(token) {
      if (closed || !looksLikeToken(token)) return undefined;
      // The hash is looked up, so the time it takes tells nothing about the token.
      const key = hashToken(token);
      const found = tokens.get(key);
      // Without this note the token is as good.
      if (found && now() - (found.used ?? 0) > NOTE_USE_AFTER)
        void tokens.put(key, { ...found, used: now() }).catch(() => false);
      return found;
    },
    list: async () =>
      all()
        .map(({ value }) => value)
        .sort((a, b) => a.created - b.created),
    // Of a store that is closed nobody can say that a token was revoked.
    has: (id) => closed || all().some(({ value }) => value.id === id),
    async revoke(id) {
      const found = all().find(({ value }) => value.id === id);
      if (!found) return false;
      return written(tokens.remove(found.key), folder);
    },
    sign: (text) => signText(secret(), text),
    close() {
      closed = true;
      return root.close();
    },
  };
}
