/**
 * What the trainer exports, and what PyTorch makes of it for fixed noise, against our importer and ONNX Runtime: from the words of
 * a prompt to pixels. The folder is the `export` of a `tiny` run of models/train, as it is.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { VQ_DECODER } from '../../models/graphs.js';
import { importPack } from '../../models/import/import-pack.js';
import { numbersOf, readNpy } from '../../models/import/parity/npy.js';
import { Recipe } from '../../models/import/recipe.js';
import { planSteps } from '../../models/run/schedule.js';
import { runStudent } from '../../models/run/student.js';
import { relativeError } from '../support/compare.js';
import { open, temporaryFolder } from '../support/random-packs.js';

const EXPORT = new URL('../reference/trainer-tiny/', import.meta.url).pathname;
const json = (name: string): unknown => JSON.parse(readFileSync(join(EXPORT, name), 'utf8'));
const array = (name: string) => Float32Array.from(numbersOf(readNpy(join(EXPORT, 'check', `${name}.npy`))));

it('a text student of the trainer draws the same picture in PyTorch and in ONNX Runtime', async () => {
  const out = join(temporaryFolder(), 'pack');
  const files = {
    vq: join(EXPORT, 'vq.pt'),
    student: join(EXPORT, 'student.pt'),
    teacher: join(EXPORT, 'teacher.pt'),
    text: join(EXPORT, 'text'),
  };
  const job = { recipe: Recipe.parse(json('recipe.json')), files, out, storage: 'exact' } as const;
  for await (const _ of importPack(job, new AbortController().signal));
  const opened = await open(out);
  const { grid, codebook, student } = opened.pack;
  const total = grid.rows * grid.columns;
  const values = total * codebook.channels;
  const [noise, latents, images] = [array('noise'), array('latents'), array('image')];
  const plans = planSteps({ total, times: student!.times, split: student!.split }, student!.times.length, false);

  const prompts = json('check/prompts.json') as { prompt: string; ids: number[] }[];
  expect(prompts.length).toBeGreaterThan(0);
  for (const [index, { prompt: words, ids }] of prompts.entries()) {
    const { prompt } = await opened.readPrompt(words);
    // Prompts are remembered under their token ids.
    expect(prompt.key).toBe(ids.join(' '));
    const condition = await opened.conditionOf(prompt);
    const own = noise.slice(index * values, (index + 1) * values);
    let drawn: Float32Array = own;
    for (const plan of plans) {
      const step = { plan, batch: 1, noise: own, latents: drawn };
      drawn = await runStudent(await opened.student(), opened.pack, prompt, condition, step);
    }
    expect(relativeError(drawn, latents.subarray(index * values, (index + 1) * values)), words).toBeLessThan(1e-4);
    const outputs = await (await opened.decoder()).run({
      [VQ_DECODER.inputs.latents]: { type: 'float32', shape: [1, total, codebook.channels], data: drawn },
    });
    const image = outputs.float32(VQ_DECODER.outputs.image);
    const expected = images.subarray(index * image.length, (index + 1) * image.length);
    expect(relativeError(image, expected), words).toBeLessThan(1e-3);
  }
});
