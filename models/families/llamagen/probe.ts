/** One pass of the student over all positions, with what its codes were chosen by: for comparing weights. */
import { FLOW_STUDENT, STUDENT } from '../../graphs.js';
import type { Prompt } from '../../run/prompt.js';
import type { Graph, Outputs } from '../../run/runtime.js';
import { planStep } from '../../sampling/schedule.js';
import type { Probe } from '../family.js';
import { latentsOf, runFlowHead } from './flow-head.js';
import type { Networks } from './networks.js';
import { positionsOf } from './part.js';
import { feedsOf } from './prompt-feeds.js';
import { feedStudent } from './student.js';

/** @param noise [positions, channels] */
export async function probe(
  networks: Networks,
  prompt: Prompt,
  noise: Float32Array,
  wantsLogits: boolean,
): Promise<Probe> {
  const { model } = networks;
  const { student } = model;
  if (!student) throw new RangeError(`pack ${model.id} has no student`);
  const total = positionsOf(model);
  const feeds = feedsOf(prompt);
  const condition = await networks.conditionOf(prompt);
  const graph = await networks.student();
  if (student.kind === 'two-head') {
    const plan = planStep({ known: 0, positions: total, split: student.split });
    const { latents, codes, logits } = STUDENT.outputs;
    const outputs = await graph.run(feedStudent(model, feeds, condition, { plan, batch: 1, noise, latents: noise }), [
      latents,
      codes,
      ...(wantsLogits ? [logits] : []),
    ]);
    return {
      codes: outputs.int64(codes),
      logits: wantsLogits ? outputs.float32(logits) : null,
      latents: outputs.float32(latents),
    };
  }
  const codebook = await networks.codebook();
  let seen: Outputs | undefined;
  const watched: Graph = {
    ...graph,
    run: async (inputs, wanted) => {
      seen = await graph.run(inputs, wanted);
      return seen;
    },
  };
  const pass = { keep: 0, known: 0, until: total };
  const { codes } = await runFlowHead(watched, model, { prompt: feeds, condition, codebook }, pass, noise, [
    new Int32Array(total),
  ]);
  return {
    codes: [...(codes[0] ?? [])],
    logits: seen?.float32(FLOW_STUDENT.outputs.logits) ?? null,
    latents: latentsOf(codes, codebook, model.codebook.channels),
  };
}
