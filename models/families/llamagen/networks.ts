/** LlamaGen's networks of an opened pack: loaded when first wanted, with what was learned of recent prompts. */
import { GenerateError } from '../../protocol.js';
import { once } from '../../run/once.js';
import type { Prompt } from '../../run/prompt.js';
import { recall } from '../../run/recall.js';
import type { Graph } from '../../run/runtime.js';
import type { PackHandle } from '../family.js';
import type { CachedCondition } from './condition.js';
import { readFlowCondition } from './flow-head.js';
import { type LlamaGenModel, modelOf } from './part.js';
import { feedsOf } from './prompt-feeds.js';
import { readCondition } from './student.js';

export type Networks = {
  readonly model: LlamaGenModel;
  student(): Promise<Graph>;
  teacher(): Promise<Graph>;
  decoder(): Promise<Graph>;
  encoder(): Promise<Graph>;
  /** float32 [codebook.size, codebook.channels] */
  codebook(): Promise<Float32Array>;
  /** What the student keeps of a prompt; computed for the first of the requests that share it. */
  conditionOf(prompt: Prompt): Promise<CachedCondition>;
};

/** At full size a prompt's condition is 190 kB: room for what a person types in a while. */
const REMEMBERED_PROMPTS = 32;

export function openNetworks({ pack, graph, read }: PackHandle): Networks {
  const model = modelOf(pack);
  const conditions = recall<CachedCondition>(REMEMBERED_PROMPTS);
  const missing = (what: string) => async (): Promise<Graph> => {
    throw new GenerateError('unsupported-schedule', `Pack ${pack.id} has no ${what}.`);
  };
  const student = model.student ? graph(model.student.graph) : missing('student');
  return {
    model,
    student,
    teacher: model.teacher ? graph(model.teacher.graph) : missing('teacher'),
    decoder: graph(model.decoder.graph),
    encoder: model.encoder ? graph(model.encoder.graph) : missing('encoder'),
    codebook: once(async () => {
      const path =
        model.teacher?.codebook ?? (model.student?.kind === 'flow-head' ? model.student.codebook : undefined);
      if (path === undefined) throw new RangeError(`pack ${pack.id} carries no codebook`);
      const bytes = await read(path);
      const expected = model.codebook.size * model.codebook.channels * 4;
      if (bytes.byteLength !== expected)
        throw new GenerateError(
          'damaged-pack',
          `The codebook "${path}" of pack ${pack.id} has ${bytes.byteLength} bytes instead of ${expected}.`,
        );
      return new Float32Array(bytes.slice().buffer);
    }),
    async conditionOf(prompt) {
      const run = model.student?.kind === 'flow-head' ? readFlowCondition : readCondition;
      const known = conditions.get(prompt.key) ?? (await run(await student(), model, feedsOf(prompt)));
      conditions.set(prompt.key, known);
      return known;
    },
  };
}
