/** D2 over HTTP: requests of older and newer versions in the store, in lists and in what clients send. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiFailure, JobList } from '../../../models/api.js';
import { createCompanionEngine } from '../../../models/client/companion.js';
import { encodePng } from '../../../models/run/png.js';
import { createJobId } from '../../../server/companion/jobs/store.js';
import { createCompanionMemory, findJob } from '../../../ui/engines/companion-memory.js';
import { startCompanion, type TestCompanion } from '../../support/companion.js';
import { createFakeEngine } from '../../support/fake-engine.js';
import { OLD_REQUEST, TODAY } from '../../support/golden-requests.js';

const request = { ...TODAY, pack: 'test-pack' };
const UNVERSIONED = { ...OLD_REQUEST, pack: 'test-pack' };
const NEWER = { version: 99, words: 'an owl', film: { frames: 8 } };
/** As a newer companion would say it. */
const sse = (...events: object[]) =>
  new Response(events.map((event, number) => `id: job_0:${number}\ndata: ${JSON.stringify(event)}\n\n`).join(''), {
    headers: { 'X-Twostep-Job': 'job_0' },
  });
const signal = new AbortController().signal;

describe('D2: a companion of a newer version', () => {
  const drawn = async (...events: object[]) => {
    const engine = createCompanionEngine({ url: 'http://companion', token: '', fetch: async () => sse(...events) });
    const heard = [];
    for await (const event of engine(request, signal)) heard.push(event);
    return heard;
  };
  const done = { type: 'done', milliseconds: {} };

  it('may say what this one does not know; what it draws arrives all the same', async () => {
    const picture = { type: 'picture', index: 0, seed: 1, width: 2, height: 2, png: 'AAAA' };
    const events = await drawn(
      { type: 'film', frames: 8 },
      { type: 'warning', code: 'new', message: 'New.' },
      picture,
      done,
    );
    expect(events.map(({ type }) => type)).toEqual(['picture', 'done']);
  });

  it('may fail in a way that has no name here; its sentence is told', async () => {
    const events = await drawn({ type: 'error', code: 'out-of-ink', message: 'There is no ink.' });
    expect(events).toEqual([{ type: 'error', code: 'engine-failed', message: 'There is no ink.' }]);
  });
});

describe('D2: requests of other versions', () => {
  let companion: TestCompanion;
  const engine = createFakeEngine();
  const ids: string[] = [];
  beforeAll(async () => {
    companion = await startCompanion({ engine });
    const { store, tokens } = companion;
    const owner = (await tokens.list())[0]?.id ?? '';
    const fields = { owner, client: owner, session: null, keep: true, state: 'done', attempts: 1, bytes: 0 } as const;
    for (const [index, raw] of [UNVERSIONED, NEWER, { ...request, animation: 1 }].entries()) {
      const id = createJobId(1000 + index);
      ids.push(id);
      await store.put({ id, ...fields, request: raw, created: 1000 + index, finished: 2000 });
      const image = { width: 2, height: 2, rgb: new Uint8Array(12).fill(90) };
      const bytes = encodePng(image, { twostep: JSON.stringify(raw) });
      await store.append(id, 0, { type: 'picture', index: 0, seed: 1, width: 2, height: 2, bytes });
      await store.append(id, 1, { type: 'done', milliseconds: {} });
    }
  });
  afterAll(() => companion.close());

  it('are listed: older ones as of today, others raw with the reason, the rest as ever', async () => {
    const { jobs } = JobList.parse(await (await companion.request('/v1/jobs')).json());
    expect(jobs.map(({ request, unreadable }) => ({ request, unreadable }))).toEqual([
      { request: { ...request, animation: 1 }, unreadable: expect.stringMatching(/not valid.*"animation"/) },
      { request: NEWER, unreadable: expect.stringMatching(/^This was made by a newer Twostep/) },
      { request, unreadable: null },
    ]);
    expect(jobs.every(({ pictures }) => pictures.length === 1)).toBe(true);
  });

  it('of a newer version keep their picture, thumbnail and request in every format', async () => {
    const [, newer] = ids;
    const picture = await companion.request(`/v1/jobs/${newer}/pictures/0`);
    expect([picture.status, (await companion.request(`/v1/jobs/${newer}/pictures/0/thumbnail`)).status]).toEqual([
      200, 200,
    ]);
    const svg = await companion.request(`/v1/jobs/${newer}/pictures/0?format=svg`);
    expect([svg.status, await svg.text()]).toEqual([200, expect.stringContaining('an owl')]);
  });

  it('do no harm to the panel’s view of what the companion keeps, nor do jobs of an unknown kind', async () => {
    const ask = async (path: string) => {
      const answer = await companion.request(path);
      if (!path.startsWith('/v1/jobs?')) return answer;
      const list = (await answer.json()) as { jobs: unknown[] };
      return Response.json({ ...list, jobs: [{ id: 'film_1', state: 'dreaming' }, ...list.jobs] });
    };
    const { pictures } = await createCompanionMemory(ask).list(null, signal);
    expect(pictures.map(({ request, unreadable }) => request?.prompt ?? unreadable?.why)).toEqual([
      'damaged',
      'newer',
      request.prompt,
    ]);
    expect(await findJob(request, ask, signal)).toBe(ids[0]);
  });

  it('are taken from clients where they are older, and refused in a sentence where they are newer', async () => {
    const older = await companion.post('/v1/jobs', { request: UNVERSIONED });
    expect(older.status).toBe(202);
    expect(await older.json()).toMatchObject({ request, unreadable: null });
    expect(engine.requests.at(-1)).toEqual(request);
    const newer = await companion.post('/v1/jobs', { request: NEWER });
    expect(newer.status).toBe(400);
    const { error } = ApiFailure.parse(await newer.json());
    expect(error.message).toMatch(/made by a newer Twostep \(request version 99/);
  });
});
