/** An engine that is closed while it starts, and packs that were put in the place of others. */
import { mkdtemp, readdir, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { OpenPack } from '../../../models/run/open.js';
import { createEngineHost } from '../../../server/engine/host.js';
import { createShelf } from '../../../server/engine/shelf.js';
import { writePack } from '../../support/packs.js';

/** A host of an engine that is this script. */
async function hostOf(source: string) {
  const folder = await mkdtemp(join(tmpdir(), 'twostep-host-'));
  const script = join(folder, 'engine.mjs');
  await writeFile(script, source);
  const warnings: string[] = [];
  const host = createEngineHost({
    script: pathToFileURL(script),
    providers: ['cpu'],
    budget: 1e9,
    idle: 1000,
    folderOf: async () => '',
    onWarning: (message) => warnings.push(message),
  });
  return { host, folder, warnings };
}

describe('an engine that is closed during its self-test', () => {
  it('keeps nobody waiting, though it hangs', async () => {
    const { host } = await hostOf('for (;;);');
    const started = host.started();
    await host.close();
    expect(await started).toMatchObject({ state: 'failed' });
  });

  it('is let end by itself, so that no provider is blamed', async () => {
    const { host, folder, warnings } = await hostOf(`import { writeFileSync } from 'node:fs';
      process.on('disconnect', () => {
        writeFileSync(new URL('ended', import.meta.url), '');
        process.exit();
      });
      process.on('message', () => process.send({ type: 'warning', message: 'at it' }));`);
    const started = host.started();
    await expect.poll(() => warnings, { timeout: 10_000 }).toEqual(['at it']);
    await host.close();
    expect(await started).toMatchObject({ state: 'failed' });
    expect(await readdir(folder)).toContain('ended');
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
    const folder = writePack(await mkdtemp(join(tmpdir(), 'twostep-shelf-')));
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
    const folder = writePack(await mkdtemp(join(tmpdir(), 'twostep-shelf-')));
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
