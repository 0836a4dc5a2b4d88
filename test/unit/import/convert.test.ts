/** Packs whose weights are stored otherwise: they draw nearly the same, and say how nearly. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../../../models/families/all.js';
import { type ConvertJob, convertPack } from '../../../models/import/convert/convert-pack.js';
import { restoreModel } from '../../../models/import/convert/restore.js';
import { ImportError } from '../../../models/import/recipe.js';
import { createGraph, GraphError } from '../../../models/onnx/graph.js';
import { gather } from '../../../models/onnx/ops/arrange.js';
import { linear } from '../../../models/onnx/ops/linear.js';
import { readModel } from '../../../models/onnx/read.js';
import { weightOf } from '../../../models/onnx/weight.js';
import { writeModel } from '../../../models/onnx/write.js';
import type { Pack } from '../../../models/pack.js';
import { openPack } from '../../../models/run/open.js';
import { filesOf, readPackFolder, verifyPack } from '../../../server/packs/folder.js';
import { runCommand } from '../../support/command.js';
import { makeClassPack, makeFlowPack, makeTextPack, makeVarPack, temporaryFolder } from '../../support/random-packs.js';
import { loadRuntime, runGraph } from '../../support/run-graph.js';

const ort = await loadRuntime();
const open = (folder: string, pack: Pack) =>
  openPack({ pack, families: FAMILIES, files: filesOf({ folder, pack }), ort, session: { logSeverityLevel: 3 } });

async function convert(folder: string, storage: ConvertJob['storage'], noises = 3): Promise<string> {
  const { pack } = await readPackFolder(folder);
  const out = join(temporaryFolder(), 'converted');
  for await (const _ of convertPack({ folder, pack, storage, out, noises, open }, new AbortController().signal));
  return out;
}

const sizeOf = (pack: Pack) => pack.files.reduce((sum, { size }) => sum + size, 0);

describe('a converted pack', () => {
  it.each(['small', 'fast', 'half'] as const)(
    'stored as %s is whole, smaller, and knows what it lost',
    async (storage) => {
      const folder = await makeTextPack();
      const exact = (await readPackFolder(folder)).pack;
      const out = await convert(folder, storage);
      const found = await readPackFolder(out);
      await verifyPack(found, { again: true });
      expect(found.pack.id).toBe(`${exact.id}-${storage}`);
      expect(sizeOf(found.pack)).toBeLessThan(sizeOf(exact));
      const { precision } = found.pack;
      expect(precision).toMatchObject({ storage, quality: { noises: 3 } });
      expect(precision?.providers.includes('cpu')).toBe(storage !== 'half');
      expect(precision?.quality?.logits).toBeGreaterThan(0);
      expect(precision?.quality?.logits).toBeLessThan(storage === 'half' ? 0.01 : 0.1);
      expect(precision?.quality?.codes).toBeGreaterThan(0.7);
      expect(existsSync(`${out}.partial`)).toBe(false);
    },
    120_000,
  );

  it.each(['small', 'fast', 'half'] as const)('of scales stored as %s keeps what must be exact', async (storage) => {
    const folder = await makeVarPack();
    const out = await convert(folder, storage);
    const { pack } = await readPackFolder(out);
    expect(pack.precision?.quality?.logits).toBeLessThan(0.1);
    expect(pack.precision?.quality?.codes).toBeGreaterThan(0.7);
    expect(readFileSync(join(out, 'levels.onnx'))).toEqual(readFileSync(join(folder, 'levels.onnx')));
  });

  it('is made of flow-head students and of classes as well, and without measuring', async () => {
    const flow = (await readPackFolder(await convert(await makeFlowPack(), 'fast'))).pack.precision?.quality;
    expect(flow?.logits).toBeLessThan(0.1);
    expect(flow?.codes).toBeGreaterThan(0.5);
    const classes = await readPackFolder(await convert(await makeClassPack(), 'small', 0));
    expect(classes.pack.precision).toMatchObject({ storage: 'small', quality: null });
  }, 120_000);

  it('is made of exact packs only', async () => {
    await expect(convert(await makeClassPack('small'), 'fast')).rejects.toThrow(
      /is stored as "small" already; convert the one that was imported as "exact"/,
    );
  });
});

describe('twostep pack convert', () => {
  it('hands over what was asked, and says what it cost', async () => {
    const folder = await makeClassPack();
    const jobs: unknown[] = [];
    const quality = { noises: 7, logits: 0.0123, codes: 0.957, psnr: 31.24 };
    const convert = async function* (job: unknown) {
      jobs.push(job);
      yield { type: 'progress', label: 'writing student.onnx', fraction: 0.5 } as const;
      yield { type: 'done', id: 'tiny-classes-fast', folder: '/p', bytes: 1_500_000, quality } as const;
    };
    const args = ['pack', 'convert', folder, '--storage', 'fast', '--noises', '7', '--out', '/p'];
    const run = await runCommand(args, { convert });
    expect(run.exitCode).toBe(0);
    expect(jobs).toMatchObject([{ folder, storage: 'fast', noises: 7, out: '/p', pack: { id: 'tiny-classes' } }]);
    expect(run.stdout).toBe('/p\n');
    expect(run.stderr).toMatch(/^\d+% checking decoder\.onnx\n/);
    expect(run.stderr).toContain(
      '50% writing student.onnx\nPack tiny-classes-fast, 1.5 MB. Against the exact weights, 7 noises: 95.7 % equal codes, logits off by 1.2 %, pictures 31.2 dB apart.\n',
    );
    expect((await runCommand(['pack', 'convert', folder], { convert })).exitCode).toBe(2);
    expect((await runCommand(['pack', 'convert', folder, '--storage', 'exact'], { convert })).exitCode).toBe(2);
  });
});

it('twostep pack convert shows how far it is in checking, and stops there when it is told to', async () => {
  const folder = await makeClassPack();
  const stop = new AbortController();
  const convert = (): never => {
    throw new Error('it was not to be reached');
  };
  const onOutput = (text: string) => {
    if (text.includes('"verify"')) stop.abort();
  };
  const args = ['pack', 'convert', folder, '--storage', 'fast', '--json'];
  const run = await runCommand(args, { convert, signal: stop.signal, onOutput });
  expect(run.exitCode).toBe(130);
  expect(run.records()[0]).toMatchObject({ type: 'verify', path: 'decoder.onnx' });
});

it('an id that would be too long is told before anything is drawn or written', async () => {
  const folder = await makeClassPack();
  const { pack } = await readPackFolder(folder);
  const out = join(temporaryFolder(), 'converted');
  const job: ConvertJob = { folder, pack: { ...pack, id: 'x'.repeat(98) }, storage: 'small', out, noises: 0, open };
  await expect(convertPack(job, new AbortController().signal).next()).rejects.toThrow(ImportError);
  expect(existsSync(`${out}.partial`)).toBe(false);
});

describe('restoreModel', () => {
  const example = () => {
    const graph = createGraph('example');
    const numbers = (count: number) => Float32Array.from({ length: count }, (_, index) => Math.sin(index));
    const x = graph.input('x', 'float32', ['n', 128]);
    graph.output('y', linear(x, 'w', weightOf([256, 128], numbers(256 * 128))));
    const rows = graph.input('rows', 'int64', ['r']);
    graph.output('found', gather(graph.weight('codebook', weightOf([2048, 8], numbers(2048 * 8))), rows));
    return graph;
  };
  const feeds = {
    x: { shape: [2, 128], values: Array.from({ length: 256 }, (_, index) => Math.cos(index)) },
    rows: { shape: [2], values: [5, 2047] },
  };

  it.each([0, Number.POSITIVE_INFINITY])(
    'keeps names, values and the codebook (external above %d bytes)',
    async (externalAbove) => {
      const folder = temporaryFolder();
      await writeModel(example(), { folder, file: 'm.onnx', externalAbove });
      expect(existsSync(join(folder, 'm.onnx.data'))).toBe(externalAbove === 0);
      const model = await readModel(folder, 'm.onnx');
      expect(model.inputs.map(({ name, shape }) => [name, shape])).toEqual([
        ['x', ['n', 128]],
        ['rows', ['r']],
      ]);
      const before = await runGraph(example(), feeds);
      const same = restoreModel(model, { products: 'float32', kernels: 'float32', tables: 'float32' });
      expect(await runGraph(same, feeds)).toEqual(before);
      const smaller = restoreModel(model, { products: 'int8-dynamic', kernels: 'float16', tables: 'float16' });
      const after = await runGraph(smaller, feeds);
      expect(after['found']).toEqual(before['found']);
      expect(after['y']?.values).not.toEqual(before['y']?.values);
    },
  );

  it("keeps an encoder's table of words in bytes, and its distances as they are", async () => {
    const make = () => {
      const graph = createGraph('example');
      const table = weightOf(
        [2048, 16],
        Float32Array.from({ length: 2048 * 16 }, (_, index) => Math.sin(index)),
      );
      const rows = graph.input('rows', 'int64', ['r']);
      graph.output('words', gather(graph.weight('embedding', table), rows));
      graph.output('order', gather(graph.weight('distances', table), rows));
      return graph;
    };
    const folder = temporaryFolder();
    await writeModel(make(), { folder, file: 'm.onnx' });
    const restored = restoreModel(await readModel(folder, 'm.onnx'), {
      products: 'int8-block',
      kernels: 'float16',
      tables: 'int8-block',
    });
    const rows = { shape: [2], values: [5, 2047] };
    const exact = await runGraph(make(), { rows });
    const found = await runGraph(restored, { rows });
    expect(found['order']).toEqual(exact['order']);
    expect(found['words']?.values).not.toEqual(exact['words']?.values);
    for (const [index, value] of (exact['words']?.values ?? []).entries())
      expect(found['words']?.values[index]).toBeCloseTo(value, 2);
  });

  it('refuses what is damaged or not ours, by name', async () => {
    const folder = temporaryFolder();
    await writeModel(example(), { folder, file: 'm.onnx', externalAbove: 0 });
    const data = readFileSync(join(folder, 'm.onnx.data'));
    writeFileSync(join(folder, 'm.onnx.data'), data.subarray(0, 1000));
    await expect(readModel(folder, 'm.onnx')).rejects.toThrow(/tensor "w" lies outside of "m.onnx.data"/);
    const model = readFileSync(join(folder, 'm.onnx'), 'latin1');
    writeFileSync(join(folder, 'm.onnx'), model.replaceAll('m.onnx.data', '../secrets!'), 'latin1');
    await expect(readModel(folder, 'm.onnx')).rejects.toThrow(/does not lie in "m.onnx.data"/);
    writeFileSync(join(folder, 'm.onnx'), model.slice(0, model.length / 2), 'latin1');
    await expect(readModel(folder, 'm.onnx')).rejects.toThrow(GraphError);
    writeFileSync(join(folder, 'm.onnx'), '');
    await expect(readModel(folder, 'm.onnx')).rejects.toThrow(/holds no graph/);
  });
});
