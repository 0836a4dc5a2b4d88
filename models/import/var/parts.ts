/** The parts of a VAR pack: graphs, codebook, labels. */
import { buildLevels, buildVarDecoder } from '../../nets/var/decoder.js';
import { buildVarStudent } from '../../nets/var/student.js';
import { buildVarTeacher } from '../../nets/var/teacher.js';
import { graphPart, labelsPart, numbersPart, type Part } from '../part.js';
import type { Storage } from '../storage.js';
import type { VarSources } from './opened-sources.js';

/** Where the parts lie in a pack. */
export const PATHS = {
  decoder: 'decoder.onnx',
  student: 'student.onnx',
  studentClass: 'student-class.onnx',
  teacher: 'teacher.onnx',
  teacherClass: 'teacher-class.onnx',
  levels: 'levels.onnx',
  codebook: 'codebook.f32',
  labels: 'labels.json',
} as const;

/** What is to be made, in order. */
export function listParts({ recipe, vae, student, teacher, labels }: VarSources, storage: Storage): Part[] {
  const { scales } = recipe;
  const codebook = vae.weights.get('quantize.embedding.weight');
  const precision = storage.transformer;
  const parts = [graphPart('decoder', PATHS.decoder, buildVarDecoder(vae, { scales, store: storage.decoder }))];
  if (student) {
    const graphs = buildVarStudent({ ...student, codebook, precision });
    parts.push(
      graphPart('student', PATHS.student, graphs.student),
      graphPart('student class', PATHS.studentClass, graphs.condition),
    );
  }
  if (teacher) {
    const graphs = buildVarTeacher({ ...teacher, precision });
    parts.push(
      graphPart('teacher', PATHS.teacher, graphs.teacher),
      graphPart('teacher class', PATHS.teacherClass, graphs.condition),
    );
    parts.push(
      graphPart('levels', PATHS.levels, buildLevels(vae, scales)),
      numbersPart('codebook', PATHS.codebook, codebook),
    );
  }
  return [...parts, labelsPart(PATHS.labels, labels)];
}
