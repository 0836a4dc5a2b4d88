/** A next-scale pack for those who ask: command, companion and panel. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCompanionEngine } from '../../../../models/client/companion.js';
import { importPack } from '../../../../models/import/import-pack.js';
import { RECIPES } from '../../../../models/import/recipes.js';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../../models/protocol.js';
import { createEngine } from '../../../../models/run/generate.js';
import { readPackFolder } from '../../../../server/packs/folder.js';
import { toModel } from '../../../../ui/engines/pack-model.js';
import { runCommand } from '../../../support/command.js';
import { startCompanion, type TestCompanion } from '../../../support/companion.js';
import { describeEngine } from '../../../support/engine-conformance.js';
import { makeVarPack, open, temporaryFolder, VAR_FILES, VAR_RECIPE } from '../../../support/random-packs.js';

const request: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  ...{ prompt: 'three', pack: 'tiny-var', seeds: [1], sampling: null, draft: false },
  schedule: { kind: 'student', steps: 2 },
  size: { width: 128, height: 128 },
};

let folder = '';
let companion: TestCompanion;
beforeAll(async () => {
  folder = await makeVarPack();
  companion = await startCompanion({
    engine: createEngine(await open(folder)),
    packs: [await readPackFolder(folder)],
  });
});
afterAll(() => companion?.close());

describeEngine({
  name: 'the companion over HTTP, with scales,',
  create: async () => createCompanionEngine(companion),
  request,
});

describe('the API', () => {
  it('lists what the pack draws, and draws it', async () => {
    const { data } = (await (await companion.request('/v1/models')).json()) as {
      data: { id: string; qualities: string[] }[];
    };
    expect(data).toMatchObject([{ id: 'tiny-var', qualities: ['low', 'medium', 'high'] }]);
    for (const quality of ['low', 'medium', 'high']) {
      const answer = await companion.request('/v1/images/generations', {
        method: 'POST',
        body: JSON.stringify({ prompt: 'three', quality, size: '128x128', seed: 3 }),
        headers: { 'content-type': 'application/json' },
      });
      expect(answer.status).toBe(200);
      const { data: images } = (await answer.json()) as { data: { b64_json: string }[] };
      const { width, height } = decode(Buffer.from(images[0]?.b64_json ?? '', 'base64'));
      expect([width, height]).toEqual([128, 128]);
    }
  });
});

describe('the command', () => {
  it('imports by a recipe of one’s own and draws in 1, 2, 3 and all steps', async () => {
    const work = temporaryFolder();
    writeFileSync(join(work, 'recipe.json'), JSON.stringify(VAR_RECIPE));
    const { vq, teacher, student } = VAR_FILES;
    const out = join(work, 'pack');
    const imported = await runCommand(
      ['import', join(work, 'recipe.json'), '--vq', vq, '--teacher', teacher, '--student', student, '--out', out],
      { importer: { recipes: RECIPES, run: importPack } },
    );
    expect([imported.exitCode, imported.stderr]).toEqual([0, expect.stringContaining('Pack tiny-var')]);
    const opened = await open(out);
    const options = { engine: createEngine(opened), pack: opened.pack };
    const drawn = new Set<string>();
    for (const steps of ['1', '2', '3', 'all']) {
      const run = await runCommand(
        ['generate', 'three', '--seed', '1', '--steps', steps, '--out', join(work, steps)],
        options,
      );
      expect([run.exitCode, run.stderr]).toEqual([0, expect.any(String)]);
      drawn.add(readFileSync(run.stdout.trim(), 'base64'));
    }
    expect(drawn.size).toBe(4);
    const many = await runCommand(['generate', 'three', '--steps', '9', '--out', join(work, 'many')], options);
    expect([many.exitCode, many.stderr]).toEqual([2, expect.stringContaining('16, 25, 29, 30 codes drawn again')]);
  });

  it('lists the recipes of the published weights', async () => {
    const run = await runCommand(['import', '--help'], { importer: { recipes: RECIPES, run: importPack } });
    expect(run.stdout).toMatch(/var-d16\n.*\n +--teacher +var_d16\.pth \(may be left out\)\n +--student +var-d16\.pth/);
    expect(run.stdout).toMatch(/var-d30\n.*\n +--teacher +var_d30\.pth\n +--vq +vae_ch160v4096z32\.pth/);
  });
});

it('the panel has its classes, and its three presets', async () => {
  const { pack } = await open(folder);
  expect(toModel(pack, ['one', 'two'])).toMatchObject({
    side: 128,
    classes: ['one', 'two'],
    schedules: {
      draft: { kind: 'student', steps: 1 },
      standard: { kind: 'student', steps: 2 },
      fine: { kind: 'mixed', resampled: 25 },
    },
  });
});
