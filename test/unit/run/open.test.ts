/** Whose weights are mapped (those of a large text encoder in float32, and no others), and what is released in the end. */

import type { InferenceSession } from 'onnxruntime-common';
import { expect, it } from 'vitest';
import { FAMILIES } from '../../../models/families/all.js';
import { openNetworks } from '../../../models/families/llamagen/networks.js';
import type { Pack } from '../../../models/pack.js';
import { openPack } from '../../../models/run/open.js';
import type { OrtModule } from '../../../models/run/runtime.js';
import { filesOf, readPackFolder } from '../../../server/packs/folder.js';
import { describePack } from '../../support/packs.js';
import { makeTextPack } from '../../support/random-packs.js';
import { loadRuntime } from '../../support/run-graph.js';

it.each([
  ['a small encoder', 'exact', false, undefined],
  ['a large one', 'exact', true, '1'],
  ['a large one in bytes', 'small', true, undefined],
] as const)('%s, %s, is opened as it should be', async (_, storage, large, wanted) => {
  const folder = await makeTextPack();
  const { pack } = await readPackFolder(folder);
  if (pack.condition.kind !== 'text') throw new Error('the pack reads no text');
  const { encoder } = pack.condition;
  const data = { path: `${encoder}.data`, size: 1, sha256: '0'.repeat(64) };
  const seen: Pack = {
    ...pack,
    files: large ? [...pack.files, data] : pack.files,
    precision: { storage, providers: ['cpu'], quality: null },
  };
  const real = await loadRuntime();
  const asked = new Map<string, InferenceSession.SessionOptions>();
  const create = (model: string, options: InferenceSession.SessionOptions) => {
    asked.set(model, options);
    return real.InferenceSession.create(model, options);
  };
  const ort = { ...real, InferenceSession: { ...real.InferenceSession, create } } as unknown as OrtModule;
  const opened = openPack({
    pack: seen,
    families: FAMILIES,
    files: filesOf({ folder, pack }),
    ort,
    session: { logSeverityLevel: 3 },
  });
  await opened.readPrompt('a red fox');
  const networks = openNetworks(opened);
  await networks.decoder();
  await opened.close();
  const prepacking = Object.fromEntries(
    [...asked].map(([model, { extra }]) => [
      model.slice(folder.length + 1),
      (extra as { session: Record<string, unknown> }).session['disable_prepacking'],
    ]),
  );
  expect(prepacking).toEqual({ [encoder]: wanted, [networks.model.decoder.graph]: undefined });
});

it('releases what was loaded, also after something could not be', async () => {
  const released: string[] = [];
  const create = async (model: string) => {
    if (model.includes('teacher')) throw new Error('no such operator');
    return { outputNames: [], release: async () => void released.push(model) };
  };
  const ort = { InferenceSession: { create } } as unknown as OrtModule;
  const files = { graph: async (path: string) => path, read: async () => new Uint8Array() };
  const opened = openPack({ pack: describePack(), families: FAMILIES, files, ort, session: {} });
  const networks = openNetworks(opened);
  await expect(networks.teacher()).rejects.toThrow('no such operator');
  await networks.student();
  await networks.decoder();
  await opened.close();
  expect(released.sort()).toEqual(['decoder.onnx', 'student.onnx']);
  await opened.close();
  expect(released).toHaveLength(2);
});
