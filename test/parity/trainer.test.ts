/**
 * What the trainer exports, and what PyTorch makes of it for fixed noise, against our importer and ONNX Runtime: from the words of
 * a prompt to pixels. The folders are the `export` of `tiny` runs of models/train, less what is not read here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { latentsOf, planFlow, runFlowHead } from '../../models/families/llamagen/flow-head.js';
import { type Networks, openNetworks } from '../../models/families/llamagen/networks.js';
import { modelOf, positionsOf } from '../../models/families/llamagen/part.js';
import { feedsOf } from '../../models/families/llamagen/prompt-feeds.js';
import { runStudent } from '../../models/families/llamagen/student.js';
import { VQ_DECODER } from '../../models/graphs.js';
import { importPack } from '../../models/import/import-pack.js';
import { numbersOf, readNpy } from '../../models/import/parity/npy.js';
import { Recipe } from '../../models/import/recipe.js';
import type { Prompt } from '../../models/run/prompt.js';
import { type Scene, sayScene } from '../../models/run/scene/scene.js';
import { planSteps } from '../../models/sampling/schedule.js';
import { relativeError } from '../support/compare.js';
import { open, temporaryFolder } from '../support/random-packs.js';
import { TOLD } from '../support/told-scenes.js';

type Case = { readonly folder: string; readonly roles: readonly ('teacher' | 'student')[] };
const CASES: Record<'two-head' | 'flow-head', Case> = {
  'two-head': { folder: 'trainer-tiny', roles: ['student', 'teacher'] },
  'flow-head': { folder: 'trainer-tiny-flow', roles: ['student'] },
};

describe.each(Object.entries(CASES))('a %s student of the trainer', (kind, { folder, roles }) => {
  const root = new URL(`../reference/${folder}/`, import.meta.url).pathname;
  const json = (name: string): unknown => JSON.parse(readFileSync(join(root, name), 'utf8'));
  const array = (name: string) => Float32Array.from(numbersOf(readNpy(join(root, 'check', `${name}.npy`))));

  it('draws the same picture in PyTorch and in ONNX Runtime', async () => {
    const out = join(temporaryFolder(), 'pack');
    const files = {
      vq: join(root, 'vq.pt'),
      text: join(root, 'text'),
      ...Object.fromEntries(roles.map((role) => [role, join(root, `${role}.pt`)])),
    };
    const job = { recipe: Recipe.parse(json('recipe.json')), files, out, storage: 'exact' } as const;
    for await (const _ of importPack(job, new AbortController().signal));
    const opened = await open(out);
    expect(modelOf(opened.pack).student?.kind).toBe(kind);
    const networks = openNetworks(opened);
    const { codebook } = networks.model;
    const total = positionsOf(networks.model);
    const values = total * codebook.channels;
    const [noise, latents, images] = [array('noise'), array('latents'), array('image')];

    const prompts = json('check/prompts.json') as { prompt: string; ids: number[] }[];
    expect(prompts.length).toBeGreaterThan(0);
    for (const [index, { prompt: words, ids }] of prompts.entries()) {
      const prompt = await (await opened.readPrompt(words)).promptFor(0);
      // Prompts are remembered under their token ids.
      expect(prompt.key).toBe(ids.join(' '));
      const drawn = await draw(networks, prompt, noise.slice(index * values, (index + 1) * values));
      expect(relativeError(drawn, latents.subarray(index * values, (index + 1) * values)), words).toBeLessThan(1e-4);
      const outputs = await (await networks.decoder()).run({
        [VQ_DECODER.inputs.latents]: { type: 'float32', shape: [1, total, codebook.channels], data: drawn },
      });
      const image = outputs.float32(VQ_DECODER.outputs.image);
      const expected = images.subarray(index * image.length, (index + 1) * image.length);
      expect(relativeError(image, expected), words).toBeLessThan(1e-3);
    }
  });
});

describe('a flow-head student that is told layouts', () => {
  const root = new URL('../reference/trainer-layout/', import.meta.url).pathname;
  const base = new URL('../reference/trainer-tiny-flow/', import.meta.url).pathname;
  const json = (name: string): unknown => JSON.parse(readFileSync(join(root, name), 'utf8'));
  const array = (name: string) => Float32Array.from(numbersOf(readNpy(join(root, 'check', `${name}.npy`))));

  it('draws the same codes in PyTorch and in ONNX Runtime, and others of another scene', async () => {
    const out = join(temporaryFolder(), 'pack');
    const files = { vq: join(base, 'vq.pt'), text: join(base, 'text'), student: join(root, 'student.pt') };
    const job = { recipe: Recipe.parse(json('recipe.json')), files, out, storage: 'exact' } as const;
    for await (const _ of importPack(job, new AbortController().signal));
    const opened = await open(out);
    const networks = openNetworks(opened);
    const { condition } = opened.pack;
    if (condition.kind !== 'text') throw new RangeError('it reads text');
    const [noise, latents, states] = [array('noise'), array('latents'), array('states')];
    const values = positionsOf(networks.model) * networks.model.codebook.channels;
    const prompts = json('check/prompts.json') as { prompt: string; ids: number[] }[];
    let read = 0;
    for (const [index, { prompt: words, ids }] of prompts.entries()) {
      const end = read + ids.length * condition.width;
      const { width, tokens } = condition;
      const prompt = { kind: 'text', key: ids.join(' '), states: states.slice(read, end), width, tokens } as const;
      read = end;
      const own = noise.slice(index * values, (index + 1) * values);
      const scene = TOLD[index] as Scene;
      expect(sayScene(scene)).toBe(words);
      const drawn = await draw(networks, { ...prompt, scene }, own);
      const expected = latents.subarray(index * values, (index + 1) * values);
      expect(relativeError(drawn, expected), words).toBeLessThan(1e-4);
      const moved = scene.things.map((thing) => ({ ...thing, token: thing.token === 'kfox' ? 'kheart' : 'kfox' }));
      const other = await draw(networks, { ...prompt, scene: { ...scene, things: moved } }, own);
      expect(relativeError(other, expected), words).toBeGreaterThan(0.01);
      await expect(draw(networks, prompt, own)).rejects.toMatchObject({ code: 'damaged-pack' });
    }
  });
});

async function draw(networks: Networks, words: Prompt, noise: Float32Array): Promise<Float32Array> {
  const { model } = networks;
  const { student, codebook } = model;
  const total = positionsOf(model);
  const [graph, condition, prompt] = [await networks.student(), await networks.conditionOf(words), feedsOf(words)];
  if (student?.kind === 'flow-head') {
    const vectors = await networks.codebook();
    let codes: readonly Int32Array[] = [new Int32Array(total)];
    const passes = planFlow(student.times, student.times.length, total, false);
    const again = Array(student.refinements.standard).fill({ keep: 0, known: total, until: total });
    expect(again.length, 'the fixture refines').toBeGreaterThan(0);
    for (const pass of [...passes, ...again])
      ({ codes } = await runFlowHead(graph, model, { prompt, condition, codebook: vectors }, pass, noise, codes));
    return latentsOf(codes, vectors, codebook.channels);
  }
  const { times, split } = student!;
  let latents = noise;
  for (const plan of planSteps({ total, times, split }, times.length, false))
    latents = await runStudent(graph, model, prompt, condition, { plan, batch: 1, noise, latents });
  return latents;
}
