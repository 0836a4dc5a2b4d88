/** Pack descriptions for tests that never open a graph. */

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Pack } from '../../models/families/packs.js';
import { PACK_VERSION } from '../../models/upgrade-pack.js';

/** The bytes of a graph in which nothing is forbidden, because nothing is in it: the name of its maker, and the graph. */
const emptyGraph = (maker: string) => `\x12${String.fromCharCode(maker.length)}${maker}:\0`;

export const CONTENT = {
  'labels.json': '[["red fox", "Vulpes vulpes"], ["owl"]]',
  'student.onnx': emptyGraph('stu'),
  'teacher.onnx': emptyGraph('tea'),
  'decoder.onnx': emptyGraph('dec'),
  'codebook.f32': 'codebook',
} as const satisfies Readonly<Record<string, string>>;

const LLAMAGEN = {
  kind: 'llamagen',
  grid: { rows: 16, columns: 16, downsample: 16 },
  codebook: { size: 16, channels: 8 },
  student: { kind: 'two-head', graph: 'student.onnx', layers: 2, width: 64, times: [0, 80], split: 130 },
  teacher: {
    graph: 'teacher.onnx',
    layers: 2,
    width: 64,
    heads: 2,
    sampling: { guidance: 2, topK: 10, topP: 1, temperature: 1 },
    codebook: 'codebook.f32',
  },
  decoder: { graph: 'decoder.onnx' },
  encoder: undefined,
};

/** A class pack of 16 x 16 codes with student and teacher; `changes` replaces fields at the top, or of LlamaGen's part. */
export function describePack(changes: Record<string, unknown> = {}): Pack {
  const isOfFamily = ([name]: [string, unknown]) => name in LLAMAGEN;
  const entries = Object.entries(changes);
  return Pack.parse({
    format: 'twostep-pack',
    version: PACK_VERSION,
    id: 'test-pack',
    name: 'Test pack',
    description: 'Foxes and owls.',
    ideas: ['red fox', 'owl'],
    licence: { spdx: 'Apache-2.0', notice: '' },
    provenance: { recipe: 'test', sources: [], notes: '' },
    condition: { kind: 'class', labels: 'labels.json', classes: 2 },
    size: { width: 256, height: 256 },
    files: Object.entries(CONTENT).map(([path, text]) => ({
      path,
      size: Buffer.byteLength(text),
      sha256: createHash('sha256').update(text).digest('hex'),
    })),
    ...Object.fromEntries(entries.filter((entry) => !isOfFamily(entry))),
    family: { ...LLAMAGEN, ...Object.fromEntries(entries.filter(isOfFamily)) },
  });
}

/** Writes such a pack with its files. @returns its folder */
export function writePack(folder: string, pack: Pack = describePack()): string {
  for (const [path, text] of Object.entries(CONTENT)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(folder, 'pack.json'), JSON.stringify(pack));
  return folder;
}
