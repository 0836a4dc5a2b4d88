/** Models of other servers in the companion's API, for agents and in the panel. */
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { Model } from '../../../models/api.js';
import { requestFromPng } from '../../../models/run/metadata.js';
import { createDecoder } from '../../../server/pictures/decoder.js';
import { modelsOf } from '../../../server/upstream/models.js';
import { routeEngine } from '../../../server/upstream/route.js';
import type { Upstream } from '../../../server/upstream/settings.js';
import { createCompanionOffer } from '../../../ui/engines/companion-offer.js';
import { createPngEngine, startCompanion } from '../../support/companion.js';
import { bundleDecoder } from '../../support/decode-worker.js';
import { answerJson, startImageServer } from '../../support/image-server.js';
import { offer, openPanel, rest } from '../../support/panel-session.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start() {
  const png = await sharp({ create: { width: 80, height: 80, channels: 3, background: '#c82020' } })
    .png()
    .toBuffer();
  const server = await startImageServer((_, response) =>
    answerJson(response, 200, { data: [{ b64_json: png.toString('base64') }] }),
  );
  closing.push(server.close);
  let added: Upstream[] = [
    {
      name: 'studio',
      url: `${server.url}/v1`,
      keyEnv: null,
      models: ['org/flux.1'],
      size: { width: 64, height: 64 },
      without: [],
    },
  ];
  const upstreams = async () => modelsOf(added);
  const decoder = createDecoder(await bundleDecoder());
  closing.push(() => decoder.close());
  const local = createPngEngine();
  const engine = routeEngine(local, upstreams, { decode: decoder.decode, environment: {} });
  const companion = await startCompanion({ engine, upstreams });
  closing.push(companion.close);
  const remove = () => {
    added = [];
  };
  return { ...companion, server, local, remove };
}

const ID = 'studio/org/flux.1';
type Answer = { data: { b64_json: string; seed: number }[]; twostep: { remarks: string[] } };

describe('in the API', () => {
  it('they are listed behind the packs, with what happens to the prompt', async () => {
    const { request } = await start();
    const { data } = (await (await request('/v1/models')).json()) as { data: unknown[] };
    const models = data.map((model) => Model.parse(model));
    expect(models.map(({ id }) => id)).toEqual(['test-pack', ID]);
    expect(models[1]).toMatchObject({
      owned_by: 'studio',
      notice: expect.stringMatching(/another program on this machine/),
      size: '64x64',
      presets: { standard: { kind: 'upstream', quality: 'auto', steps: null } },
    });
    const one = await request(`/v1/models/${encodeURIComponent(ID)}`);
    expect(Model.parse(await one.json())).toEqual(models[1]);
  });

  it('one that is named draws there, and the answer says so', async () => {
    const { post, server, local } = await start();
    const answer = await post('/v1/images/generations', {
      prompt: 'an owl',
      model: ID,
      seed: 7,
      quality: 'high',
      steps: 12,
    });
    const { data, twostep } = (await answer.json()) as Answer;
    const bytes = Buffer.from(data[0]?.b64_json ?? '', 'base64');
    expect(requestFromPng(bytes)).toMatchObject({
      prompt: 'an owl',
      pack: ID,
      seeds: [7],
      size: { width: 64, height: 64 },
    });
    expect(twostep.remarks).toEqual([expect.stringMatching(/another program on this machine/)]);
    expect(server.asked[0]?.body).toMatchObject({
      model: 'org/flux.1',
      prompt: 'an owl',
      seed: 7,
      steps: 12,
      size: '64x64',
    });
    expect(local.requests).toEqual([]);
  });

  it('nothing goes there that does not name it, and nobody brings an address', async () => {
    const { post, server, local } = await start();
    for (const body of [
      { prompt: 'owl' },
      { prompt: 'owl', model: 'org/flux.1' },
      { prompt: 'owl', model: 'gpt-image-1' },
      { prompt: 'owl', model: 'studio/other' },
      { prompt: 'owl', model: `${server.url}/v1` },
    ])
      await post('/v1/images/generations', body);
    expect(server.asked).toEqual([]);
    expect(local.requests.every(({ pack }) => pack === 'test-pack')).toBe(true);
    const unknown = await post('/v1/images/generations', { prompt: 'owl', url: server.url });
    expect(unknown.status).toBe(400);
  });

  it('a job of a student is not for them, and one of theirs not for a pack', async () => {
    const { post } = await start();
    const request = {
      version: 3,
      prompt: 'owl',
      seeds: [1],
      sampling: null,
      size: { width: 64, height: 64 },
      format: 'png',
      draft: false,
      force: false,
      background: 'opaque',
      plan: {},
    };
    const asked = async (pack: string, schedule: object) =>
      (await post('/v1/jobs', { request: { ...request, pack, schedule } })).status;
    const there = { kind: 'upstream', quality: 'auto', steps: null };
    expect(await asked(ID, { kind: 'student', steps: 2 })).toBe(400);
    expect(await asked('test-pack', there)).toBe(400);
    expect(await asked(ID, there)).toBe(202);
  });

  it('one that was removed is gone at once', async () => {
    const { post, remove, server } = await start();
    remove();
    const answer = await post('/v1/jobs', {});
    expect(answer.status).toBe(400);
    const borrowed = await post('/v1/images/generations', { prompt: 'owl', model: ID });
    expect(((await borrowed.json()) as Answer).twostep.remarks[0]).toContain(`"${ID}" is not at hand`);
    expect(server.asked).toEqual([]);
  });
});

describe('in the panel', () => {
  it('they are among the models, and the first image waits for a yes', async () => {
    const { url, token, server } = await start();
    const companion = createCompanionOffer({ urls: [url], token: async () => token, keepToken() {}, name: 'test' });
    const panel = await openPanel({ offers: [companion] });
    await panel.session.look('companion');
    expect(panel.session.models().map(({ id }) => id)).toEqual(['test-pack', ID]);
    panel.session.change({ model: ID, count: 1, asYouType: true });
    panel.session.setPrompt('an owl');
    // Nothing follows the words to another server.
    await rest(400);
    await panel.session.generate();
    const { notice } = panel.session.store.get();
    expect(notice).toMatchObject({
      title: 'Another server generates this',
      detail: expect.stringMatching(/another program/),
      action: { label: 'Generate there' },
    });
    expect(server.asked).toEqual([]);
    notice?.action?.run();
    await expect.poll(() => panel.session.store.get().tiles[0]?.state, { timeout: 15_000 }).toBe('done');
    await panel.session.generate();
    expect(server.asked.length).toBe(2);
    expect(panel.session.store.get().settings.agreed).toEqual([ID]);
  });

  it('packs need no yes', async () => {
    const panel = await openPanel({ offers: [offer('panel')] });
    panel.session.setPrompt('an owl');
    await panel.session.generate();
    expect(panel.session.store.get().tiles.length).toBe(4);
  });
});
