/** A family of the tests' own draws wherever LlamaGen does, and nothing else is changed for it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FAMILIES } from '../../../models/families/all.js';
import { targetOf } from '../../../models/families/packs.js';
import type { Engine } from '../../../models/protocol.js';
import { buildRequest } from '../../../models/request/build.js';
import { describeRequest } from '../../../models/request/describe.js';
import { createEngine } from '../../../models/run/generate.js';
import { openPack } from '../../../models/run/open.js';
import { openLocalEngine } from '../../../server/cli/local-engine.js';
import { createEngineHost, type EngineHost } from '../../../server/engine/host.js';
import { filesOf, type PackFolder, readPackFolder } from '../../../server/packs/folder.js';
import { runCommand } from '../../support/command.js';
import { startCompanion, type TestCompanion } from '../../support/companion.js';
import { collect, describeEngine, picturesOf } from '../../support/engine-conformance.js';
import { bundleWorkerWith } from '../../support/engine-worker.js';
import { ONLY_FAKE, writeFakePack } from '../../support/fake-pack.js';
import { loadRuntime } from '../../support/run-graph.js';

vi.mock('../../../models/families/all.js', () => import('../../support/fake-family.js'));

const root = mkdtempSync(join(tmpdir(), 'twostep-fake-'));
const folder = join(root, 'packs', 'gradients');
await writeFakePack(folder);
const found: PackFolder = await readPackFolder(folder);
const request = buildRequest(targetOf(found.pack), { prompt: 'gradient', seeds: [1] });

let worker: URL;
const hosts: EngineHost[] = [];
const startHost = (): Engine => {
  const folderOf = async () => folder;
  const host = createEngineHost({ script: worker, providers: ['cpu'], budget: 1e9, idle: 60_000, folderOf });
  hosts.push(host);
  return host.engine;
};
beforeAll(async () => {
  worker = await bundleWorkerWith([ONLY_FAKE]);
  vi.stubEnv('TWOSTEP_PACKS', join(root, 'packs'));
  vi.stubEnv('TWOSTEP_EMBEDDED_PACKS', join(root, 'none'));
  vi.stubEnv('TWOSTEP_CACHE', join(root, 'cache'));
});
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.close()));
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

describeEngine({
  name: 'the pipeline with a second family',
  create: async () =>
    createEngine(
      openPack({
        ...found,
        families: FAMILIES,
        files: filesOf(found),
        ort: await loadRuntime(),
        session: { logSeverityLevel: 3 },
      }),
    ),
  request,
});
describeEngine({ name: 'the engine in its process with a second family', create: async () => startHost(), request });

describe('a second family', () => {
  it('draws a gradient from top to bottom', async () => {
    const [picture] = picturesOf(await collect(startHost(), request));
    const { data, width, height, channels } = decode(picture!.bytes);
    expect([width, height]).toEqual([64, 64]);
    const at = (row: number) => [...data.subarray(row * width * channels, row * width * channels + 3)];
    expect(at(0)).not.toEqual(at(63));
    const middle = at(32).map((value, channel) => value - (at(0)[channel]! + at(63)[channel]!) / 2);
    expect(Math.max(...middle.map(Math.abs))).toBeLessThanOrEqual(4);
  });

  it('draws for the command, which lists, describes and verifies its pack', async () => {
    const out = join(root, 'out');
    mkdirSync(out);
    const run = await runCommand(['generate', 'gradient', '--seed', '5', '--out', out], {
      openLocalEngine: (wanted, reporter) =>
        openLocalEngine(wanted, reporter, new AbortController().signal, { engine: worker, decode: worker }),
    });
    expect(run.stderr).toContain(describeRequest({ ...request, seeds: [5] }));
    expect(run.exitCode).toBe(0);
    const [name = ''] = readdirSync(out);
    const alone = picturesOf(await collect(startHost(), { ...request, seeds: [5] }))[0]!.bytes;
    expect(new Uint8Array(readFileSync(join(out, name)))).toEqual(alone);
    expect((await runCommand(['pack', 'list'])).stdout).toContain('gradients');
    expect((await runCommand(['pack', 'info', 'gradients'])).stdout).toContain('between two colours');
    expect((await runCommand(['pack', 'verify', 'gradients'])).stdout).toContain('all sound');
  });
});

describe('the API with a second family', () => {
  let companion: TestCompanion;
  beforeAll(async () => {
    companion = await startCompanion({ engine: startHost(), packs: [found] });
  });
  afterAll(() => companion.close());

  it('draws, and says what it draws with', async () => {
    const answer = await companion.post('/v1/images/generations', { prompt: 'gradient', seed: 5, quality: 'high' });
    const { data, quality, twostep } = await answer.json();
    expect(answer.status).toBe(200);
    expect(quality).toBe('medium');
    expect(twostep.request).toEqual({ ...request, seeds: [5] });
    const alone = picturesOf(await collect(startHost(), { ...request, seeds: [5] }))[0]!.bytes;
    expect(new Uint8Array(Buffer.from(data[0].b64_json, 'base64'))).toEqual(alone);
    const models = await (await companion.request('/v1/models')).json();
    expect(models.data).toMatchObject([{ id: 'gradients', size: '64x64', qualities: ['medium'] }]);
    const pack = await (await companion.request('/v1/packs/gradients')).json();
    expect(pack).toEqual(found.pack);
  });

  it('can not be steered where its family says so', async () => {
    const answer = await companion.post('/v1/images/generations', { prompt: 'gradient', guidance: 3 });
    expect(answer.status).toBe(400);
    expect((await answer.json()).error.message).toContain('pack gradients has none');
  });
});
