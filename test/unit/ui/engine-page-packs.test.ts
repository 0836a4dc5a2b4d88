/** What an engine page fetches, whoever nests it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Call } from '../../../ui/engine-page/messages.js';
import { ensurePack } from '../../../ui/engine-page/worker/packs.js';
import type { Store } from '../../../ui/engine-page/worker/store.js';
import { describePack } from '../../support/packs.js';

const signal = new AbortController().signal;
const HOST = 'http://localhost:21212/engine/';
let asked: string[];
let answers: Record<string, string>;

/** Has nothing yet. */
const store = { find: async () => undefined, packs: async () => [], size: async () => 0 } as unknown as Store;

beforeEach(() => {
  asked = [];
  answers = { 'packs/index.json': JSON.stringify([describePack()]) };
  vi.stubGlobal('self', { location: { href: `${HOST}worker.js` } });
  vi.stubGlobal('fetch', async (url: string, { mode }: RequestInit) => {
    asked.push(`${mode} ${url}`);
    const answer = answers[url.slice(HOST.length)];
    return answer === undefined ? new Response(null, { status: 404 }) : new Response(answer);
  });
});
afterEach(() => vi.unstubAllGlobals());

const ensure = async (id: string) => {
  for await (const _ of ensurePack(store, id, signal));
};

describe('D14: an engine page that a stranger nests', () => {
  it('takes no address, be it of another host or a manifest itself', () => {
    const of = (call: object) => Call.safeParse({ type: 'fetch', id: 1, ...call }).success;
    for (const manifest of ['https://example.com/pack.json', 'data:application/json,{}', `${HOST}packs/x/pack.json`]) {
      expect(of({ source: { manifest, files: manifest, token: null } })).toBe(false);
      expect(of({ pack: 'test-pack', source: { manifest, files: manifest, token: null } })).toBe(false);
    }
    expect(of({ pack: 'test-pack' })).toBe(true);
  });

  it.each(['other-pack', '../../v1/packs/x', 'https://example.com', 'data:,{}', '//example.com/x'])(
    'asks its host for the list alone when it is asked for %s',
    async (id) => {
      await expect(ensure(id)).rejects.toThrow('neither stored in this browser nor on this page');
      expect(asked).toEqual([`same-origin ${HOST}packs/index.json`]);
    },
  );

  it('fetches what the list has from its own host, and takes no other pack for it', async () => {
    await expect(ensure('test-pack')).rejects.toThrow('it answered 404');
    answers['packs/test-pack/pack.json'] = JSON.stringify(describePack({ id: 'starter' }));
    await expect(ensure('test-pack')).rejects.toThrow('it is of the pack "starter"');
    expect(asked.every((one) => one.startsWith(`same-origin ${HOST}packs/`))).toBe(true);
  });
});
