/** A pack of the fake family (fake-family.ts), and bundles in which that stands where all families do. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { createGraph } from '../../models/onnx/graph.js';
import { transpose } from '../../models/onnx/ops/arrange.js';
import { matMul } from '../../models/onnx/ops/network.js';
import { weightOf } from '../../models/onnx/weight.js';
import { writeModel } from '../../models/onnx/write.js';
import { PACK_VERSION } from '../../models/upgrade-pack.js';
import { inRoot } from '../../scripts/paths.mjs';

const SIDE = 64;
const GRAPH = 'gradient.onnx';
const LABELS = 'labels.json';

/** @returns the folder */
export async function writeFakePack(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const labels = JSON.stringify([['gradient']]);
  writeFileSync(join(folder, LABELS), labels);
  const graphs = await writeModel(gradientGraph(), { folder, file: GRAPH });
  const pack = {
    format: 'twostep-pack',
    version: PACK_VERSION,
    id: 'gradients',
    name: 'Gradients',
    description: 'Gradients between two colours.',
    ideas: ['gradient'],
    licence: { spdx: 'CC0-1.0', notice: '' },
    provenance: { recipe: 'test', sources: [], notes: '' },
    condition: { kind: 'class', labels: LABELS, classes: 1 },
    size: { width: SIDE, height: SIDE },
    family: { kind: 'gradient', graph: GRAPH },
    files: [
      { path: LABELS, size: labels.length, sha256: createHash('sha256').update(labels).digest('hex') },
      ...graphs,
    ],
  };
  writeFileSync(join(folder, 'pack.json'), JSON.stringify(pack));
  return folder;
}

/** Two colours [2, 3] -> image [3, pixels]: each pixel of its row is so much of one and so much of the other. */
function gradientGraph() {
  const graph = createGraph('gradient');
  const colours = graph.input('colours', 'float32', [2, 3]);
  const share = Array.from({ length: SIDE ** 2 }, (_, pixel) => Math.floor(pixel / SIDE) / (SIDE - 1));
  const ramp = graph.weight('ramp', weightOf([2, SIDE ** 2], [...share.map((one) => 1 - one), ...share]));
  graph.output('image', matMul(transpose(colours, [1, 0]), ramp));
  return graph;
}

/** For bundles: the fake family instead of all others. */
export const ONLY_FAKE: Plugin = {
  name: 'only the fake family',
  setup({ onResolve }) {
    onResolve({ filter: /(^|\/)all\.js$/ }, ({ path, resolveDir }) =>
      join(resolveDir, path).endsWith(join('models', 'families', 'all.js'))
        ? { path: inRoot('test', 'support', 'fake-family.ts') }
        : undefined,
    );
  },
};
