/** The engine's process, seen from the companion: closed while it starts, and packs that were put in the place of others. */
import { mkdtemp, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { OpenPack } from '../../../models/run/open.js';
import { createEngineHost } from '../../../server/engine/host.js';
import { providerFor } from '../../../server/engine/serve.js';
import { createShelf } from '../../../server/engine/shelf.js';
import { warmUp } from '../../../server/warm-up.js';
import { makeClassPack, open as openFolder } from '../../support/random-packs.js';

it('whoever waits for the self-test of an engine that is closed waits no more', async () => {
  const script = join(await mkdtemp(join(tmpdir(), 'twostep-host-')), 'mute.mjs');
  await writeFile(script, 'process.on("message", () => {}); setInterval(() => {}, 1000);');
  const host = createEngineHost({
    script: pathToFileURL(script),
    providers: ['cpu'],
    budget: 1e9,
    idle: 1000,
    folderOf: async () => '',
  });
  const started = host.started();
  await host.close();
  expect(await started).toMatchObject({ state: 'failed' });
});

it('a pack that faults in the warm-up is told of, and nothing ends', async () => {
  const { pack } = await openFolder(await makeClassPack());
  // biome-ignore lint/correctness/useYield: it throws before it has anything to say.
  const faulty = async function* () {
    throw new RangeError('the decoder made a picture that is not a number\nat line 7');
  };
  expect(await warmUp(faulty, pack, new AbortController().signal)).toEqual({
    failure: 'the decoder made a picture that is not a number',
  });
});

describe('the shelf', () => {
  const shelfOf = () => {
    const opened: string[] = [];
    const closed: number[] = [];
    const shelf = createShelf({
      budget: 1e9,
      idle: 60_000,
      open(found) {
        const number = opened.push(found.pack.id);
        return { pack: found.pack, close: async () => void closed.push(number) } as unknown as OpenPack;
      },
      onChange: () => {},
    });
    return { shelf, opened, closed };
  };

  it('opens a pack anew when another was put in its place, and closes the one before', async () => {
    const folder = await makeClassPack();
    const { shelf, opened, closed } = shelfOf();
    for (const _ of [1, 2]) await shelf.use(folder, async () => {});
    expect(opened.length).toBe(1);
    await utimes(join(folder, 'pack.json'), new Date(), new Date(Date.now() + 5000));
    await shelf.use(folder, async () => {});
    expect([opened.length, closed]).toEqual([2, [1]]);
    await shelf.close();
    expect(closed).toEqual([1, 2]);
  });

  it('but not while somebody draws with it', async () => {
    const folder = await makeClassPack();
    const { shelf, opened, closed } = shelfOf();
    await shelf.use(folder, async () => {
      await utimes(join(folder, 'pack.json'), new Date(), new Date(Date.now() + 5000));
      await shelf.use(folder, async () => {});
      expect([opened.length, closed]).toEqual([1, []]);
    });
    await shelf.use(folder, async () => {});
    expect([opened.length, closed]).toEqual([2, [1]]);
    await shelf.close();
  });
});

it('a pack that only the CPU computes as meant is computed there', () => {
  const precision = { storage: 'fast', providers: ['cpu'], quality: null } as const;
  expect(providerFor({ precision: { ...precision, providers: ['cpu'] } }, 'webgpu')).toBe('cpu');
  expect(providerFor({ precision: { ...precision, providers: ['cuda', 'webgpu'] } }, 'webgpu')).toBe('webgpu');
  expect(providerFor({ precision: { ...precision, providers: ['cuda'] } }, 'cpu')).toBe('cpu');
  expect(providerFor({}, 'cuda')).toBe('cuda');
});
