/** The parts of a LlamaGen pack: graphs, codebook, tokenizer, labels. */
import { buildFlowHead } from '../../nets/llamagen/flow-head.js';
import { buildStudent } from '../../nets/llamagen/student.js';
import { buildTeacher } from '../../nets/llamagen/teacher.js';
import { buildTextEncoder } from '../../nets/t5.js';
import { buildVqDecoder } from '../../nets/vq-decoder.js';
import { buildVqEncoder } from '../../nets/vq-encoder.js';
import { normalizedCodebook } from '../../nets/vq-tokenizer.js';
import { dataPart, graphPart, labelsPart, numbersPart, type Part } from '../part.js';
import type { Storage } from '../storage.js';
import type { OpenedSources } from './opened-sources.js';

/** Where the parts lie in a pack. */
export const PATHS = {
  decoder: 'decoder.onnx',
  pictures: 'encoder.onnx',
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
  const parts: Part[] = [
    graphPart('decoder', PATHS.decoder, buildVqDecoder(vq, { ...recipe.grid, store: storage.decoder })),
  ];
  const flow = student !== undefined && recipe.student.kind === 'flow-head';
  if (flow)
    parts.push(
      graphPart('picture encoder', PATHS.pictures, buildVqEncoder(vq, { ...recipe.grid, store: storage.encoder })),
    );
  if (student) {
    const { channels } = vq.config;
    const graph = flow
      ? buildFlowHead({ ...student, channels, precision })
      : buildStudent({ ...student, codebook, precision });
    parts.push(graphPart('student', PATHS.student, graph));
  }
  if (teacher) parts.push(graphPart('teacher', PATHS.teacher, buildTeacher({ ...teacher, precision })));
  if (teacher || flow) parts.push(numbersPart('codebook', PATHS.codebook, codebook));
  if (text && recipe.condition.kind === 'text') {
    const { tokens } = recipe.condition;
    parts.push(graphPart('encoder', PATHS.encoder, buildTextEncoder(text.encoder, { tokens, store: storage.text })));
    parts.push(dataPart('tokenizer', PATHS.tokenizer, async () => text.tokenizer));
    const { vocabulary } = text;
    if (vocabulary) parts.push(dataPart('vocabulary', PATHS.vocabulary, async () => vocabulary));
  }
  if (labels) parts.push(labelsPart(PATHS.labels, labels));
  return parts;
}
