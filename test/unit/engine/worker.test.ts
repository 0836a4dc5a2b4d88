import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { GenerateError, type GenerateEvent, type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { createEngine } from '../../../models/run/generate.js';
import { createEngineHost, type EngineHost } from '../../../server/engine/host.js';
import { collect, describeEngine, picturesOf } from '../../support/engine-conformance.js';
import { bundleWorker } from '../../support/engine-worker.js';
import { makeClassPack, makeTextPack, open } from '../../support/random-packs.js';

const request: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'three',
  pack: 'tiny-classes',
  seeds: [1],
  schedule: { kind: 'student', steps: 2 },
  sampling: null,
  size: { width: 32, height: 32 },
  draft: false,
};

const folders: Record<string, string> = {};
const hosts: EngineHost[] = [];
let script: URL;
beforeAll(async () => {
  script = await bundleWorker();
  folders['tiny-classes'] = await makeClassPack();
  folders['tiny-text'] = await makeTextPack();
});
afterAll(() => Promise.all(hosts.map((host) => host.close())));

function createHost(changes: Partial<Parameters<typeof createEngineHost>[0]> = {}): EngineHost {
  const host = createEngineHost({
    script,
    providers: ['cpu'],
    budget: 1e9,
    idle: 60_000,
    folderOf: async (pack) => {
      const folder = folders[pack];
      if (!folder) throw new GenerateError('unknown-pack', `There is no pack "${pack}".`);
      return folder;
    },
    ...changes,
  });
  hosts.push(host);
  return host;
}

/** Processes of engines that this one started and that still run. */
const engines = () =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const [, state, parent] = /^\d+ \(.*\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        const isEngine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('engine-worker');
        return isEngine && Number(parent) === process.pid && state !== 'Z';
      } catch {
        return false;
      }
    });

/** Kills the process under the request so many times, each time after its first word. */
async function drawKilling(host: EngineHost, wanted: GenerateRequest, kills: number): Promise<GenerateEvent[]> {
  const events: GenerateEvent[] = [];
  const killed = new Set<number>();
  for await (const event of host.engine(wanted, new AbortController().signal)) {
    events.push(event);
    if (event.type === 'warning' || killed.size === kills) continue;
    for (const pid of engines()) if (!killed.has(pid)) process.kill(pid, 'SIGKILL') && killed.add(pid);
  }
  return events;
}

describeEngine({ name: 'the engine in its process', create: async () => createHost().engine, request });

describe('the engine in its process', () => {
  it('draws the very bytes that the pipeline draws', async () => {
    const here = await collect(createEngine(await open(folders['tiny-classes'] as string)), request);
    const there = await collect(createHost().engine, request);
    expect(picturesOf(there)[0]?.bytes).toEqual(picturesOf(here)[0]?.bytes);
  });

  it('says which provider it chose and why', async () => {
    const host = createHost({ providers: ['coreml', 'cpu'] });
    expect(await host.started()).toMatchObject({
      state: 'ready',
      provider: 'cpu',
      ladder: [
        { provider: 'coreml', outcome: 'unavailable' },
        { provider: 'cpu', outcome: 'chosen', reason: expect.stringMatching(/came out right/) },
      ],
    });
  });

  it('has nothing to offer when no provider is there, and says so', async () => {
    const host = createHost({ providers: ['coreml'] });
    expect((await host.started()).state).toBe('failed');
    expect(await collect(host.engine, request)).toMatchObject([{ type: 'error', code: 'engine-unavailable' }]);
  });

  it('leaves no note against a provider when it is closed in the middle of its self-test', async () => {
    vi.stubEnv('TWOSTEP_CACHE', mkdtempSync(join(tmpdir(), 'twostep-cache-')));
    const note = join(process.env['TWOSTEP_CACHE'] ?? '', 'trials', 'cpu');
    const host = createHost();
    void host.started();
    // On a busy machine it may be over before anybody looked.
    const begun = () => existsSync(note) || host.state().state !== 'starting';
    await expect.poll(begun, { interval: 1, timeout: 10_000 }).toBe(true);
    await host.close();
    vi.unstubAllEnvs();
    expect(existsSync(note)).toBe(false);
  });

  it('answers an unknown pack and a damaged one by their codes', async () => {
    const engine = createHost().engine;
    expect(await collect(engine, { ...request, pack: 'none' })).toMatchObject([{ code: 'unknown-pack' }]);
    const damaged = createHost({ folderOf: async () => '/nowhere' }).engine;
    expect(await collect(damaged, request)).toMatchObject([{ code: 'unknown-pack' }]);
  });

  it('swaps packs within the memory that it may use', async () => {
    const sizes = await Promise.all(Object.values(folders).map(async (folder) => (await open(folder)).pack.files));
    const bytes = sizes.map((files) => files.reduce((sum, { size }) => sum + size, 0));
    const host = createHost({ budget: Math.max(...bytes) + 1 });
    for (const [pack, prompt] of [
      ['tiny-classes', 'three'],
      ['tiny-text', 'a circle'],
      ['tiny-classes', 'two'],
    ] as const) {
      expect((await collect(host.engine, { ...request, pack, prompt })).at(-1)?.type).toBe('done');
      await expect.poll(() => host.state()).toMatchObject({ open: [pack] });
    }
    const small = createHost({ budget: 1000 });
    expect(await collect(small.engine, request)).toMatchObject([
      { code: 'out-of-memory', message: expect.stringMatching(/needs some .* GB/) },
    ]);
  });

  it('draws pictures of a request together where that is wanted, and they are the same but for rounding', async () => {
    const four = { ...request, seeds: [1, 2, 3, 4] };
    const [alone, together] = await Promise.all(
      [1, 4].map(async (batch) => picturesOf(await collect(createHost({ batch }).engine, four))),
    );
    expect(together?.map(({ seed }) => seed)).toEqual([1, 2, 3, 4]);
    const png = async (bytes: Uint8Array | undefined) => sharp(bytes).removeAlpha().raw().toBuffer();
    for (const [index, { bytes }] of (together ?? []).entries()) {
      const [one, other] = [await png(bytes), await png(alone?.[index]?.bytes)];
      expect(Math.max(...one.map((value, at) => Math.abs(value - (other[at] as number))))).toBeLessThanOrEqual(1);
    }
  });

  it.skipIf(process.platform !== 'linux')(
    'D3: draws again in a new process what the one that died had under way, and gives up at the second death',
    async () => {
      const four = { ...request, seeds: [1, 2, 3, 4] };
      // Their processes can't be told from this one's, and would come back when they are killed.
      await Promise.all(hosts.map((other) => other.close()));
      const host = createHost();
      await host.started();
      const undisturbed = picturesOf(await collect(host.engine, four));

      const before = engines();
      expect(before).toHaveLength(1);
      const once = await drawKilling(host, four, 1);
      const warnings = once.filter(({ type }) => type === 'warning');
      const replaced =
        'The engine stopped (its process ended with SIGKILL) and was replaced; what it drew is drawn again.';
      expect(warnings).toEqual([{ type: 'warning', code: 'engine-replaced', message: replaced }]);
      expect(once.at(-1)?.type).toBe('done');
      // What was there before the death may be there twice, byte for byte the same.
      const after = picturesOf(once.slice(once.findIndex(({ type }) => type === 'warning')));
      expect(after.map(({ bytes }) => bytes)).toEqual(undisturbed.map(({ bytes }) => bytes));
      expect(engines().some((pid) => before.includes(pid))).toBe(false);

      const twice = await drawKilling(host, four, 2);
      expect(twice.at(-1)).toEqual({
        type: 'error',
        code: 'engine-failed',
        message: 'The engine stopped 2 times while it drew this: its process ended with SIGKILL. Try again.',
      });
      expect((await collect(host.engine, request)).at(-1)?.type).toBe('done');
      await host.close();
      expect(engines()).toEqual([]);
    },
    60_000,
  );

  it('closes a pack that nobody uses', async () => {
    const host = createHost({ idle: 50 });
    await collect(host.engine, request);
    await expect.poll(() => host.state(), { timeout: 5000 }).toMatchObject({ state: 'ready', open: [] });
    expect((await collect(host.engine, request)).at(-1)?.type).toBe('done');
  });
});
