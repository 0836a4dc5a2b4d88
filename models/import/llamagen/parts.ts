/** The parts of a pack, each made from its checkpoint: graphs, codebook, tokenizer, labels. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildFlowHead } from '../../nets/llamagen/flow-head.js';
import { buildStudent } from '../../nets/llamagen/student.js';
import { buildTeacher } from '../../nets/llamagen/teacher.js';
import { buildTextEncoder } from '../../nets/t5.js';
import { buildVqDecoder } from '../../nets/vq-decoder.js';
import { normalizedCodebook } from '../../nets/vq-tokenizer.js';
import type { Graph } from '../../onnx/graph.js';
import { allInitializers } from '../../onnx/serialize.js';
import { writeModel } from '../../onnx/write.js';
import type { PackFile } from '../../pack.js';
import type { OpenedSources } from './opened-sources.js';
import type { Storage } from '../storage.js';

/** One or more files of the pack. */
export type Part = {
  readonly name: string;
  /** Bytes that will be written, for the progress. */
  readonly bytes: number;
  make(folder: string, watch: WriteWatch): Promise<PackFile[]>;
};

export type WriteWatch = { readonly signal: AbortSignal; onBytes(bytes: number): void };

/** Where the parts lie in a pack. */
export const PATHS = {
  decoder: 'decoder.onnx',
  student: 'student.onnx',
  teacher: 'teacher.onnx',
  codebook: 'codebook.f32',
  encoder: 'text-encoder.onnx',
  tokenizer: 'tokenizer.json',
  labels: 'labels.json',
  vocabulary: 'vocabulary.json',
} as const;

/** What is to be made, in order. */
export function listParts(sources: OpenedSources, storage: Storage): Part[] {
  const { recipe, vq, student, teacher, text, labels } = sources;
  const codebook = normalizedCodebook(vq);
  const precision = storage.transformer;
  const parts: Part[] = [graphPart('decoder', buildVqDecoder(vq, { ...recipe.grid, store: storage.decoder }))];
  const flow = student !== undefined && recipe.student.kind === 'flow-head';
  if (student) {
    const { channels } = vq.config;
    const graph = flow
      ? buildFlowHead({ ...student, channels, precision })
      : buildStudent({ ...student, codebook, precision });
    parts.push(graphPart('student', graph));
  }
  if (teacher) parts.push(graphPart('teacher', buildTeacher({ ...teacher, precision })));
  if (teacher || flow)
    parts.push(
      dataPart('codebook', async () => {
        const rows = await codebook.load();
        return new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
      }),
    );
  if (text && recipe.condition.kind === 'text') {
    const { tokens } = recipe.condition;
    parts.push(graphPart('encoder', buildTextEncoder(text.encoder, { tokens, store: storage.text })));
    parts.push(dataPart('tokenizer', async () => text.tokenizer));
    const { vocabulary } = text;
    if (vocabulary) parts.push(dataPart('vocabulary', async () => vocabulary));
  }
  if (labels) parts.push(dataPart('labels', async () => Buffer.from(JSON.stringify(labels))));
  return parts;
}

function graphPart(name: keyof typeof PATHS, graph: Graph): Part {
  const bytes = allInitializers(graph).reduce((sum, initializer) => sum + initializer.bytes, 0);
  return { name, bytes, make: (folder, watch) => writeModel(graph, { folder, file: PATHS[name], ...watch }) };
}

function dataPart(name: keyof typeof PATHS, load: () => Promise<Uint8Array>): Part {
  return {
    name,
    bytes: 0,
    async make(folder) {
      const bytes = await load();
      await writeFile(join(folder, PATHS[name]), bytes);
      return [{ path: PATHS[name], size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }];
    },
  };
}
