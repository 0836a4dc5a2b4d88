import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ApiFailure, Health, Job, JobList, PackList } from '../../../models/api.js';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { OPERATIONS } from '../../../server/companion/http/openapi.js';
import { parseRange } from '../../../server/companion/http/packs-route.js';
import { StorageError } from '../../../server/node/storage.js';
import { createPngEngine, startCompanion, type TestCompanion } from '../../support/companion.js';
import { createFakeEngine } from '../../support/fake-engine.js';
import { describePack, writePack } from '../../support/packs.js';

const request: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'owl',
  pack: 'test-pack',
  seeds: [1, 2],
  schedule: { kind: 'student', steps: 2 },
  sampling: null,
  size: { width: 64, height: 64 },
  draft: false,
};

let companion: TestCompanion;
beforeAll(async () => {
  const folder = writePack(mkdtempSync(join(tmpdir(), 'twostep-pack-')));
  companion = await startCompanion({ engine: createPngEngine(), packs: [{ pack: describePack(), folder }] });
});
afterAll(() => companion.close());

/** Draws and gives the events as the stream has them. */
async function draw(one: TestCompanion, body: object = { request }): Promise<string[]> {
  const answer = await one.post('/v1/jobs', body, { Accept: 'text/event-stream' });
  expect(answer.status).toBe(200);
  return (await answer.text()).split('\n\n').filter((block) => block !== '');
}
const idOf = (block: string | undefined) => /^id: (.*)$/m.exec(block ?? '')?.[1] ?? '';

describe('a stream of events', () => {
  it('numbers what must not be lost, and goes on after any of it', async () => {
    const blocks = await draw(companion);
    const numbered = blocks.filter((block) => block.startsWith('id: '));
    expect(numbered.map((block) => /event: (.*)/.exec(block)?.[1])).toEqual(['picture', 'picture', 'done']);
    const job = idOf(numbered[0]).split(':')[0];
    expect(numbered.map(idOf)).toEqual([`${job}:0`, `${job}:1`, `${job}:2`]);
    for (const [index, block] of numbered.entries()) {
      const answer = await companion.request(`/v1/jobs/${job}/events`, { headers: { 'Last-Event-ID': idOf(block) } });
      expect((await answer.text()).split('\n\n').filter(Boolean)).toEqual(numbered.slice(index + 1));
    }
    const wrong = await companion.request(`/v1/jobs/${job}/events`, {
      headers: { 'Last-Event-ID': `job_${'0'.repeat(32)}:1` },
    });
    expect(wrong.status).toBe(400);
  });

  it('of OpenAI’s goes on in the same manner', async () => {
    const body = { prompt: 'owl', seeds: [1, 2, 3], stream: true };
    const first = await companion.post('/v1/images/generations', body);
    const blocks = (await first.text()).split('\n\n').filter(Boolean);
    expect(blocks.map(idOf).map((id) => id.split(':')[1])).toEqual(['0', '1', '2']);
    const rest = await companion.post('/v1/images/generations', body, { 'Last-Event-ID': idOf(blocks[0]) });
    expect((await rest.text()).split('\n\n').filter(Boolean)).toEqual(blocks.slice(1));
    expect(rest.headers.get('x-twostep-job')).toBe(first.headers.get('x-twostep-job'));
  });
});

describe('jobs', () => {
  it('are accepted, listed, shown, and forgotten when asked to', async () => {
    const accepted = await companion.post('/v1/jobs', { request });
    expect([accepted.status, accepted.headers.get('location')]).toEqual([
      202,
      expect.stringMatching(/^\/v1\/jobs\/job_/),
    ]);
    const { id } = Job.parse(await accepted.json());
    const show = async () => Job.parse(await (await companion.request(`/v1/jobs/${id}`)).json());
    await expect.poll(async () => (await show()).state).toBe('done');
    expect((await show()).pictures.map(({ index, seed }) => [index, seed])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    const list = JobList.parse(await (await companion.request('/v1/jobs?limit=1')).json());
    expect(list).toMatchObject({ jobs: [{ id }], next: id });
    expect((await companion.request(`/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await companion.request(`/v1/jobs/${id}`)).status).toBe(404);
  });

  it('have pictures and thumbnails', async () => {
    const [first] = await draw(companion);
    const job = (await companion.request('/v1/jobs?limit=1').then((answer) => answer.json())) as { jobs: Job[] };
    const path = `/v1/jobs/${job.jobs[0]?.id}/pictures/1`;
    expect(first).toBeDefined();
    const picture = await companion.request(path);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
    for (const _ of [1, 2]) {
      const thumbnail = await companion.request(`${path}/thumbnail`);
      expect([thumbnail.status, thumbnail.headers.get('content-type')]).toEqual([200, 'image/webp']);
      expect((await thumbnail.arrayBuffer()).byteLength).toBeGreaterThan(20);
    }
    expect((await companion.request(`${path}?format=bmp`)).status).toBe(400);
    expect((await companion.request(path.replace(/1$/, '7'))).status).toBe(404);
  });

  it('have thumbnails where the disk takes none as well', async () => {
    await draw(companion);
    const { jobs } = (await companion.request('/v1/jobs?limit=1').then((answer) => answer.json())) as { jobs: Job[] };
    const full = vi.spyOn(companion.store, 'putThumbnail').mockRejectedValue(new StorageError('The disk is full.'));
    const thumbnail = await companion.request(`/v1/jobs/${jobs[0]?.id}/pictures/0/thumbnail`);
    full.mockRestore();
    expect([thumbnail.status, thumbnail.headers.get('content-type')]).toEqual([200, 'image/webp']);
    expect(companion.lines).toContain('fault The disk is full.');
  });

  it('that run can be cancelled, and not be forgotten before', async () => {
    const slow = await startCompanion({ engine: createFakeEngine(() => [{ type: 'hang' }]) });
    const { id } = Job.parse(await (await slow.post('/v1/jobs', { request })).json());
    expect((await slow.request(`/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(400);
    const cancelled = Job.parse(await (await slow.post(`/v1/jobs/${id}/cancel`, {})).json());
    expect(cancelled).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } });
    await expect.poll(() => slow.jobs.counts().running).toBe(0);
    await slow.close();
  });

  it('of others are not there', async () => {
    await draw(companion);
    const { jobs } = JobList.parse(await (await companion.request('/v1/jobs')).json());
    const { token } = await companion.tokens.create('other');
    const headers = { Authorization: `Bearer ${token}` };
    for (const path of ['', '/events', '/pictures/0', '/pictures/0/thumbnail'])
      expect((await companion.request(`/v1/jobs/${jobs[0]?.id}${path}`, { headers })).status).toBe(404);
    const cancel = await companion.request(`/v1/jobs/${jobs[0]?.id}/cancel`, { method: 'POST', headers });
    expect(cancel.status).toBe(404);
    expect(JobList.parse(await (await companion.request('/v1/jobs', { headers })).json()).jobs).toEqual([]);
  });
});

describe('files of packs', () => {
  const path = '/v1/packs/test-pack/files/labels.json';
  const content = '[["red fox", "Vulpes vulpes"], ["owl"]]';

  it('are listed with their packs', async () => {
    const list = PackList.parse(await (await companion.request('/v1/packs')).json());
    expect(list.packs.map(({ pack, open }) => [pack.id, open])).toEqual([['test-pack', true]]);
    expect((await companion.request('/v1/packs/test-pack').then((answer) => answer.json())) as object).toMatchObject({
      id: 'test-pack',
    });
  });

  it('come whole, in ranges, or not again', async () => {
    const whole = await companion.request(path);
    const etag = `"${createHash('sha256').update(content).digest('hex')}"`;
    expect([whole.status, whole.headers.get('etag'), await whole.text()]).toEqual([200, etag, content]);
    const get = (headers: Record<string, string>) => companion.request(path, { headers });
    const part = await get({ Range: 'bytes=2-9' });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
      206,
      `bytes 2-9/${content.length}`,
      content.slice(2, 10),
    ]);
    const rest = await get({ Range: 'bytes=10-', 'If-Range': etag });
    expect(await rest.text()).toBe(content.slice(10));
    expect((await get({ Range: 'bytes=10-', 'If-Range': '"other"' })).status).toBe(200);
    expect((await get({ 'If-None-Match': etag })).status).toBe(304);
    const beyond = await get({ Range: 'bytes=1000-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${content.length}`]);
  });

  it.each(['pack.json', '../secret', '..%2fsecret', '%2e%2e/%2e%2e/etc/passwd', 'nothing.onnx', '/etc/passwd'])(
    'are only those that the pack lists: not %s',
    async (name) => {
      const answer = await companion.request(`/v1/packs/test-pack/files/${name}`);
      expect(answer.status).toBe(404);
      ApiFailure.parse(await answer.json());
    },
  );

  it.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=5-', { start: 5, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-30', { start: 0, end: 9 }],
    ['bytes=5-100', { start: 5, end: 9 }],
    ['bytes=10-', 'beyond'],
    ['bytes=-0', 'beyond'],
    ['bytes=5-4', null],
    ['bytes=0-1,3-4', null],
    ['lines=0-1', null],
    [undefined, null],
  ])('range %s of 10 bytes', (header, range) => {
    expect(parseRange(header, 10)).toEqual(range);
  });
});

describe('what the companion says of itself', () => {
  it('is little to strangers and more to its own', async () => {
    const stranger = Health.parse(await (await fetch(`${companion.url}/health`)).json());
    expect(stranger).toEqual({ name: 'twostep', version: '1.2.3', api: 1, state: 'ready' });
    const own = Health.parse(await (await companion.request('/health')).json());
    expect(own).toMatchObject({ paired: true, provider: 'cpu', queue: { waiting: 0 } });
  });

  it('is a description with every route, whose examples need no other place', async () => {
    const api = (await (await fetch(`${companion.url}/openapi.json`)).json()) as { paths: Record<string, object> };
    const described = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(Object.keys(OPERATIONS).sort());
    for (const operation of described) {
      const [method = '', path = ''] = operation.split(' ');
      const answer = await companion.request(path.replaceAll(/\{\w+\}/g, 'x'), { method: method.toUpperCase() });
      // Every one of them is a route: what is missing is the thing asked for, or the body.
      const body = answer.status === 404 ? ((await answer.json()) as ApiFailure).error.code : 'found';
      expect([operation, body]).not.toEqual([operation, 'not_found']);
      if (answer.status !== 404) await answer.body?.cancel();
    }
    const docs = await (await fetch(`${companion.url}/docs`)).text();
    expect(docs).toContain('/v1/images/generations');
    expect(docs).not.toMatch(/(src|href)="(https?:)?\/\//);
  });

  it('is counted for Prometheus', async () => {
    await draw(companion);
    const text = await (await companion.request('/metrics')).text();
    expect(text).toMatch(/^twostep_jobs_total\{state="done"\} [1-9]/m);
    expect(text).toMatch(/^twostep_phase_seconds_count\{phase="step"\} [1-9]/m);
    expect(text).toMatch(/^twostep_queue_waiting 0$/m);
    expect(text).not.toMatch(/job_[0-9a-f]{32}/);
  });
});
