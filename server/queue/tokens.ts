/** Tokens and the pairing code in Valkey or Redis: who is let in by one gateway is let in by all. */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { Token } from '../../models/api.js';
import { drawCode, type PairingCode } from '../companion/auth/pairing.js';
import {
  drawToken,
  hashToken,
  looksLikeToken,
  NOTE_USE_AFTER,
  signText,
  type Tokens,
} from '../companion/auth/tokens.js';
import { connectRedis, createScript, keyOf, type SharedRedis } from './redis.js';

/** Milliseconds between two looks at all of it, beside what is told. */
const LOOK_EVERY = 1000;

const TokenText = z.string().transform((text) => Token.parse(JSON.parse(text)));

/** ARGV: hash, token. A token that was revoked meanwhile does not come back. */
const NOTE_USE = createScript(`
  if redis.call('HEXISTS', '@tokens', ARGV[1]) == 1 then redis.call('HSET', '@tokens', ARGV[1], ARGV[2]) end
  return 1`);

/** What every gateway has in its memory, so that it need not ask with each event of a stream. */
export async function openSharedTokens({ redis, listen, publish }: SharedRedis, now = Date.now): Promise<Tokens> {
  let mirror = new Map<string, Token>();
  const look = async () => {
    const all = await redis.hgetall(keyOf('tokens'));
    mirror = new Map(Object.entries(all).map(([hash, text]) => [hash, TokenText.parse(text)]));
  };
  await redis.set(keyOf('secret'), randomBytes(32).toString('hex'), 'NX');
  const secret = Buffer.from((await redis.get(keyOf('secret'))) ?? '', 'hex');
  const glance = () => void look().catch(() => undefined);
  const deafen = await listen(keyOf('tokens-changed'), glance);
  await look();
  const timer = setInterval(glance, LOOK_EVERY).unref();
  const changed = async () => {
    await look();
    publish(keyOf('tokens-changed'), '');
  };

  return {
    async create(name, { manages } = { manages: false }) {
      const { secret: text, token } = drawToken(name, manages, now());
      await redis.hset(keyOf('tokens'), hashToken(text), JSON.stringify(token));
      await changed();
      return { token: text, id: token.id };
    },
    async check(text) {
      if (!looksLikeToken(text)) return undefined;
      const hash = hashToken(text);
      // Another gateway may have given it out a moment ago.
      if (!mirror.has(hash)) {
        const found = await redis.hget(keyOf('tokens'), hash);
        if (found !== null) mirror.set(hash, TokenText.parse(found));
      }
      const token = mirror.get(hash);
      if (token && now() - (token.used ?? 0) > NOTE_USE_AFTER) {
        const used = { ...token, used: now() };
        mirror.set(hash, used);
        void NOTE_USE(redis, hash, JSON.stringify(used)).catch(() => undefined);
      }
      return token;
    },
    async list() {
      await look();
      return [...mirror.values()].sort((a, b) => a.created - b.created);
    },
    has: (id) => [...mirror.values()].some((token) => token.id === id),
    async revoke(id) {
      await look();
      const hash = [...mirror].find(([, token]) => token.id === id)?.[0];
      if (hash === undefined) return false;
      const removed = await redis.hdel(keyOf('tokens'), hash);
      await changed();
      return removed === 1;
    },
    sign: (text) => signText(secret, text),
    async close() {
      clearInterval(timer);
      deafen();
    },
  };
}

/** For one thing that is done with them. */
export async function withSharedTokens<T>(url: string, work: (tokens: Tokens) => Promise<T>): Promise<T> {
  const shared = await connectRedis(url);
  try {
    const tokens = await openSharedTokens(shared);
    try {
      return await work(tokens);
    } finally {
      await tokens.close();
    }
  } finally {
    shared.close();
  }
}

/** ARGV: the code that was right, the next one. */
const NEXT_CODE = createScript(`
  if redis.call('GET', '@pairing-code') ~= ARGV[1] then return 0 end
  redis.call('SET', '@pairing-code', ARGV[2])
  redis.call('PUBLISH', '@code-changed', ARGV[2])
  return 1`);

/** All gateways show the same code, and each is good for once. */
export async function openSharedCode({ redis, listen }: SharedRedis): Promise<PairingCode> {
  const ask = async () => (await redis.get(keyOf('pairing-code'))) ?? '';
  await redis.set(keyOf('pairing-code'), drawCode(), 'NX');
  let code = await ask();
  await listen(keyOf('code-changed'), (message) => {
    if (message !== null) code = message;
  });
  return {
    current: () => code,
    async use(isRight) {
      code = await ask();
      if (!isRight(code)) return false;
      return (await NEXT_CODE(redis, code, drawCode())) === 1;
    },
  };
}
