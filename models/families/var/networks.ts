/** VAR's networks of an opened pack: loaded when first wanted, with what recent classes do to their layers. */
import { GenerateError } from '../../protocol.js';
import { once } from '../../run/once.js';
import type { Prompt } from '../../run/prompt.js';
import { recall } from '../../run/recall.js';
import type { Graph } from '../../run/runtime.js';
import type { PackHandle } from '../family.js';
import { type ClassCondition, readClasses } from './condition.js';
import { modelOf, type VarModel } from './part.js';

export type Networks = {
  readonly model: VarModel;
  student(): Promise<Graph>;
  teacher(): Promise<Graph>;
  levels(): Promise<Graph>;
  decoder(): Promise<Graph>;
  /** float32 [codebook.size, codebook.channels] */
  codebook(): Promise<Float32Array>;
  /** Loads what `studentCondition` and `teacherCondition` need. */
  loadCondition(network: 'student' | 'teacher'): Promise<void>;
  /** The class of a prompt; computed for the first of the requests that share it. */
  studentCondition(prompt: Prompt): Promise<ClassCondition>;
  /** The class of a prompt, and "none" behind it where there is guidance. */
  teacherCondition(prompt: Prompt, isGuided: boolean): Promise<ClassCondition>;
};

/** Of the largest student a class takes a megabyte: room for what a person types in a while. */
const REMEMBERED_CLASSES = 32;

export function openNetworks({ pack, graph, read }: PackHandle): Networks {
  const model = modelOf(pack);
  const { student, teacher } = model;
  const missing = (what: string) => async (): Promise<Graph> => {
    throw new GenerateError('unsupported-schedule', `Pack ${pack.id} has no ${what}.`);
  };
  const classes = {
    student: student ? graph(student.condition) : missing('student'),
    teacher: teacher ? graph(teacher.condition) : missing('teacher'),
  };
  const known = recall<ClassCondition>(REMEMBERED_CLASSES);
  const readClass = async (network: 'student' | 'teacher', indices: readonly number[]) => {
    const key = `${network} ${indices.join(' ')}`;
    const found = known.get(key) ?? (await readClasses(await classes[network](), indices));
    known.set(key, found);
    return found;
  };
  return {
    model,
    student: student ? graph(student.graph) : missing('student'),
    teacher: teacher ? graph(teacher.graph) : missing('teacher'),
    levels: teacher ? graph(teacher.levels) : missing('teacher'),
    decoder: graph(model.decoder.graph),
    codebook: once(async () => {
      if (!teacher) throw new RangeError(`pack ${pack.id} carries no codebook`);
      const bytes = await read(teacher.codebook);
      const expected = model.codebook.size * model.codebook.channels * 4;
      if (bytes.byteLength !== expected)
        throw new GenerateError(
          'damaged-pack',
          `The codebook "${teacher.codebook}" of pack ${pack.id} has ${bytes.byteLength} bytes instead of ${expected}.`,
        );
      return new Float32Array(bytes.slice().buffer);
    }),
    async loadCondition(network) {
      await classes[network]();
    },
    studentCondition: (prompt) => readClass('student', [indexOf(prompt)]),
    teacherCondition: (prompt, isGuided) => readClass('teacher', isGuided ? withNone(prompt) : [indexOf(prompt)]),
  };
}

function classOf(prompt: Prompt) {
  if (prompt.kind !== 'class') throw new RangeError(`VAR draws classes, not "${prompt.key}"`);
  return prompt;
}

const indexOf = (prompt: Prompt): number => classOf(prompt).index;

/** The class after the last is "none". */
const withNone = (prompt: Prompt): number[] => [classOf(prompt).index, classOf(prompt).classes];
