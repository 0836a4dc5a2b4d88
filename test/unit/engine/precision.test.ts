/** On which provider a pack is computed, whose weights may be stored for some of them only. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import type { FromWorker, ToWorker } from '../../../server/engine/messages.js';
import { providerFor, serveEngine } from '../../../server/engine/serve.js';
import { makeClassPack } from '../../support/random-packs.js';
import { loadRuntime } from '../../support/run-graph.js';

const storedFor = (...providers: ('cpu' | 'webgpu' | 'cuda')[]) =>
  ({ storage: 'half', providers, quality: null }) as const;

const request: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'three',
  pack: 'tiny-classes',
  seeds: [1],
  schedule: { kind: 'student', steps: 1 },
  sampling: null,
  size: { width: 32, height: 32 },
  draft: false,
};

describe('the provider of a pack', () => {
  it.each([
    ['cpu', storedFor('cpu'), 'webgpu'],
    ['webgpu', storedFor('cpu', 'webgpu'), 'webgpu'],
    ['cpu', storedFor('cuda'), 'cpu'],
    ['webgpu', storedFor('cuda'), 'webgpu'],
    ['cuda', undefined, 'cuda'],
  ] as const)('is %s for %o where %s was chosen', (provider, precision, chosen) => {
    expect(providerFor({ precision }, chosen)).toBe(provider);
  });

  it('is told where the pack was not meant for it', async () => {
    const folder = await makeClassPack();
    const manifest = join(folder, 'pack.json');
    const pack = JSON.parse(await readFile(manifest, 'utf8'));
    await writeFile(manifest, JSON.stringify({ ...pack, precision: storedFor('cuda', 'webgpu') }));
    let tell: (message: ToWorker) => void = () => {};
    const warnings: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const say = (message: FromWorker) => {
        if (message.type === 'warning') warnings.push(message.message);
        if (message.type === 'ready') tell({ type: 'generate', id: 1, folder, request });
        if (message.type === 'end') message.fault ? reject(new Error(message.fault)) : resolve();
      };
      const hear = (listener: typeof tell) => {
        tell = listener;
      };
      const trials = { died: async () => false, begin: async () => {}, end: async () => {} };
      void loadRuntime().then((ort) => {
        serveEngine({ say, hear }, ort, trials);
        tell({ type: 'start', providers: ['cpu'], budget: 1e9, idle: 1000, batch: null });
      });
    });
    expect(warnings).toEqual([
      'Pack tiny-classes is stored as "half", for cuda, webgpu. Here cpu computes, where it may be slow or fail; import it with another --storage.',
    ]);
  });
});
