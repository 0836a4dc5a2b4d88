/** Programs for AUTOMATIC1111: what SillyTavern sends, replayed, and a `rest_command` as Home Assistant has it. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { requestFromPng } from '../../../models/run/metadata.js';
import { plainPrompt } from '../../../server/companion/http/a1111.js';
import { modelsOf } from '../../../server/upstream/models.js';
import { createPngEngine, startCompanion, type TestCompanionOptions } from '../../support/companion.js';
import { cpuOf } from '../../support/cpu.js';
import { createFakeEngine, drawAll, progress } from '../../support/fake-engine.js';
import { describePack } from '../../support/packs.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(options: TestCompanionOptions = {}) {
  const engine = createPngEngine();
  const companion = await startCompanion({ engine, ...options });
  closing.push(companion.close);
  // As SillyTavern sends what stands in its field for "user:password".
  const headers = { Authorization: `Basic ${Buffer.from(`anyone:${companion.token}`).toString('base64')}` };
  const get = (path: string) => fetch(companion.url + path, { headers });
  const post = (path: string, body?: object) =>
    fetch(companion.url + path, {
      method: 'POST',
      headers: body ? { ...headers, 'Content-Type': 'application/json' } : headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  return { ...companion, engine, get, post };
}

/** The body of SillyTavern's /generate, which goes on as it came: with address and password, and all of its form. */
const SILLY = {
  url: 'http://localhost:21212',
  auth: 'anyone:secret',
  prompt: 'best quality, <lora:detail:0.8>, (a red circle:1.2), ((on blue))',
  negative_prompt: 'lowres, text, error',
  sampler_name: 'Twostep',
  scheduler: 'Automatic',
  steps: 20,
  cfg_scale: 7,
  width: 64,
  height: 32,
  restore_faces: false,
  enable_hr: false,
  hr_upscaler: 'Latent',
  hr_scale: 1,
  hr_additional_modules: [],
  denoising_strength: 0.7,
  hr_second_pass_steps: 0,
  seed: 7,
  override_settings: { CLIP_stop_at_last_layers: 1, sd_vae: 'Automatic', forge_additional_modules: [] },
  override_settings_restore_afterwards: true,
  clip_skip: 1,
  save_images: true,
  send_images: true,
  do_not_save_grid: false,
  do_not_save_samples: false,
};

type Answer = { images: string[]; info: string };

describe('SillyTavern', () => {
  it('connects, and fills its lists', async () => {
    const packs = ['a', 'b'].map((id) => ({ pack: describePack({ id }), folder: '/nowhere' }));
    const { get } = await start({ packs });
    const read = async (path: string) =>
      (await get(`/sdapi/v1/${path}`)).json() as Promise<{ [key: string]: string }[]>;
    expect((await get('/sdapi/v1/options')).ok).toBe(true);
    expect((await read('sd-models')).map(({ title }) => title)).toEqual(['a', 'b']);
    expect((await read('samplers')).map(({ name }) => name)).toEqual(['Twostep']);
    expect((await read('schedulers')).map(({ name }) => name)).toEqual(['automatic']);
    expect((await read('upscalers')).map(({ name }) => name)).toEqual(['None']);
    expect(await read('latent-upscale-modes')).toEqual([]);
    expect((await read('sd-vae')).map(({ model_name }) => model_name)).toEqual([]);
  });

  it('chooses a model, and waits until it is loaded', async () => {
    const packs = ['a', 'b'].map((id) => ({ pack: describePack({ id }), folder: '/nowhere' }));
    const { get, post, engine, tokens, url } = await start({ packs });
    expect((await post('/sdapi/v1/options', { sd_model_checkpoint: 'b' })).ok).toBe(true);
    expect(await (await get('/sdapi/v1/progress')).json()).toMatchObject({ progress: 0, state: { job_count: 0 } });
    expect(await (await get('/sdapi/v1/options')).json()).toMatchObject({ sd_model_checkpoint: 'b' });
    await post('/sdapi/v1/txt2img', SILLY);
    expect(engine.requests[0]?.pack).toBe('b');
    expect((await post('/sdapi/v1/options', { sd_model_checkpoint: 'c' })).status).toBe(404);
    // Somebody else's choice is somebody else's.
    const other = await tokens.create('other');
    const theirs = await fetch(`${url}/sdapi/v1/options`, { headers: { Authorization: `Bearer ${other.token}` } });
    expect(await theirs.json()).toMatchObject({ sd_model_checkpoint: 'a' });
  });

  it('draws, with its marks taken out of the prompt, and hears what was not used', async () => {
    const { post } = await start();
    const answer = (await (await post('/sdapi/v1/txt2img', SILLY)).json()) as Answer;
    expect(answer.images.length).toBe(1);
    expect(requestFromPng(Buffer.from(answer.images[0] ?? '', 'base64'))).toMatchObject({
      prompt: 'best quality, a red circle, on blue',
      seeds: [7],
      size: { width: 64, height: 32 },
      schedule: { kind: 'student' },
    });
    const info = JSON.parse(answer.info) as { extra_generation_params: { remarks: string[] } };
    expect(info).toMatchObject({ seed: 7, all_seeds: [7], width: 64, height: 32, sd_model_name: 'test-pack' });
    expect(info.extra_generation_params.remarks.join(' ')).toMatch(
      /"negative_prompt" is not used.*"steps" is not used/,
    );
  });

  it('sees how far it is, and interrupts: what is finished is answered', async () => {
    const engine = createFakeEngine((request) => [
      ...drawAll(request).slice(0, 3),
      progress('step', 1, 2, 0.5),
      { type: 'hang' },
    ]);
    const { get, post, jobs } = await start({ engine });
    const drawing = post('/sdapi/v1/txt2img', { ...SILLY, batch_size: 2, seed: -1 });
    await vi.waitFor(async () =>
      expect(await (await get('/sdapi/v1/progress?skip_current_image=true')).json()).toMatchObject({
        progress: 0.5,
        state: { job_count: 1, interrupted: false },
      }),
    );
    expect((await post('/sdapi/v1/interrupt')).ok).toBe(true);
    const answer = (await (await drawing).json()) as Answer;
    expect(answer.images.length).toBe(1);
    expect(jobs.counts().running).toBe(0);
    expect(await (await get('/sdapi/v1/progress')).json()).toMatchObject({ progress: 0, state: { job_count: 0 } });
  });

  it('that closes its connection stops the picture', async () => {
    const { url, token, jobs } = await start({
      engine: createFakeEngine([{ type: 'hang' }]),
      jobs: { limits: { grace: 10 } },
    });
    const gone = new AbortController();
    const drawing = fetch(`${url}/sdapi/v1/txt2img`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(SILLY),
      signal: gone.signal,
    }).catch(() => null);
    await vi.waitFor(() => expect(jobs.counts().running).toBe(1));
    gone.abort();
    await drawing;
    await vi.waitFor(() => expect(jobs.counts().running).toBe(0), 5000);
  });
});

it('a rest_command of Home Assistant that says a prompt alone gets 512 x 512 pixels, as there', async () => {
  const { post } = await start();
  const { images } = (await (await post('/sdapi/v1/txt2img', { prompt: 'a sunny day' })).json()) as Answer;
  expect(requestFromPng(Buffer.from(images[0] ?? '', 'base64')).size).toEqual({ width: 512, height: 512 });
});

it('a model of another server gets the steps, and is drawn with where it is named', async () => {
  const upstreams = async () =>
    modelsOf([
      {
        name: 'studio',
        url: 'http://127.0.0.1:9/v1',
        keyEnv: null,
        models: ['flux'],
        size: { width: 64, height: 64 },
        without: [],
      },
    ]);
  const { post, engine } = await start({ upstreams });
  await post('/sdapi/v1/txt2img', { ...SILLY, override_settings: { sd_model_checkpoint: 'studio/flux' } });
  expect(engine.requests[0]).toMatchObject({
    pack: 'studio/flux',
    schedule: { kind: 'upstream', quality: 'auto', steps: 20 },
  });
});

describe('what is wrong', () => {
  it.each([
    ['/sdapi/v1/txt2img', { prompt: '' }, 400],
    ['/sdapi/v1/txt2img', { ...SILLY, width: 9000 }, 400],
    ['/sdapi/v1/txt2img', { ...SILLY, batch_size: 4, n_iter: 4 }, 400],
    ['/sdapi/v1/txt2img', { ...SILLY, override_settings: { sd_model_checkpoint: 'dream' } }, 404],
    ['/sdapi/v1/img2img', { ...SILLY, init_images: ['x'] }, 400],
  ])('%s is told: %j', async (path, body, status) => {
    const { post } = await start();
    const answer = await post(path, body);
    expect([answer.status, await answer.json()]).toMatchObject([status, { error: { message: expect.any(String) } }]);
  });

  it.each([
    ['no password', {}],
    ['a wrong one', { Authorization: `Basic ${Buffer.from('anyone:twostep_wrong').toString('base64')}` }],
    ['no base64', { Authorization: 'Basic ???' }],
  ])('%s opens nothing', async (_, headers: Record<string, string>) => {
    const { url } = await start();
    for (const path of ['options', 'sd-models', 'samplers', 'loras', 'progress'])
      expect((await fetch(`${url}/sdapi/v1/${path}`, { headers })).status).toBe(401);
  });
});

it.each([
  ['a red circle', 'a red circle'],
  ['(owl:1.3), [night], ((stars))', 'owl, night, stars'],
  ['<lora:x:1> <hypernet:y:0.5>owl BREAK tree', 'owl, tree'],
  ['owl \\(bird\\)', 'owl (bird)'],
  ['a < b, 1:2', 'a < b, 1:2'],
  ['<lora:x:1>', ''],
])('the prompt %j is %j', (given, plain) => expect(plainPrompt(given)).toBe(plain));

it('a prompt that is all marks takes no time', () => {
  for (const mark of [' ', ',', ' ,', '(', '((a:', '<lora:', 'BREAK ', '\\('])
    expect(cpuOf(() => plainPrompt(mark.repeat(Math.floor(20_000 / mark.length))))).toBeLessThan(1000);
});
