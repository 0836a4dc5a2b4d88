/** The pipeline composes a scene for each seed, and holds on to what is pinned. */

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FAMILIES } from '../../../models/families/all.js';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { createEngine } from '../../../models/run/generate.js';
import { type OpenPack, openPack } from '../../../models/run/open.js';

import { filesOf, readPackFolder } from '../../../server/packs/folder.js';
import { collect, picturesOf } from '../../support/engine-conformance.js';
import { makeTextPack, open } from '../../support/random-packs.js';
import { loadRuntime } from '../../support/run-graph.js';

const request: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'a cute fox',
  pack: 'tiny-text',
  seeds: [1, 2, 3, 4],
  schedule: { kind: 'student', steps: 2 },
  size: { width: 32, height: 32 },
};

let folder = '';
let scenes: OpenPack;
beforeAll(async () => {
  folder = await makeTextPack();
  const found = await readPackFolder(folder);
  const files = filesOf(found);
  scenes = openPack({
    pack: { ...found.pack, vocabulary: 'vocabulary.json' },
    families: FAMILIES,
    files: {
      ...files,
      read: async (path) =>
        path === 'vocabulary.json' ? readFileSync(new URL(path, import.meta.url)) : await files.read(path),
    },
    ort: await loadRuntime(),
    session: { logSeverityLevel: 3 },
  });
}, 60_000);

describe('a pack that composes scenes', () => {
  it('reads another scene for each seed, and the same for the same', async () => {
    const { promptFor, isShared } = await scenes.readPrompt('a cute fox');
    const keys = await Promise.all([1, 2, 3, 4, 1].map(async (seed) => (await promptFor(seed)).key));
    expect(isShared).toBe(false);
    expect(new Set(keys.slice(0, 4)).size).toBe(4);
    expect(keys[4]).toBe(keys[0]);
  });

  it('draws, and says what it understood', async () => {
    const events = await collect(createEngine(scenes), request);
    expect(events.at(-1)?.type).toBe('done');
    expect(picturesOf(events)).toHaveLength(4);
    expect(events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'understood' }));
  });

  it('refuses to pin what it does not know, and packs without a plan say that they have none', async () => {
    const wrong = await collect(createEngine(scenes), { ...request, plan: { background: 'minty' } });
    expect(wrong.at(-1)).toMatchObject({ type: 'error', code: 'invalid-request' });
    const without = await collect(createEngine(await open(folder)), { ...request, plan: { background: 'mint' } });
    expect(without).toContainEqual(expect.objectContaining({ type: 'warning', code: 'plan-ignored' }));
    expect(without.at(-1)?.type).toBe('done');
  });
});
