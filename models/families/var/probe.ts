/** One pass of the student over all tokens, with what its codes were chosen by: for comparing weights. */
import type { Prompt } from '../../run/prompt.js';
import { countTokens } from '../../sampling/scales.js';
import { planStep } from '../../sampling/schedule.js';
import type { Probe } from '../family.js';
import { VAR_STUDENT } from './graphs.js';
import type { Networks } from './networks.js';
import { feedVarStudent } from './student.js';

/** @param noise [tokens, channels] */
export async function probe(
  networks: Networks,
  prompt: Prompt,
  noise: Float32Array,
  wantsLogits: boolean,
): Promise<Probe> {
  const { scales, student, codebook, id } = networks.model;
  if (!student) throw new RangeError(`pack ${id} has no student`);
  const plan = planStep({ known: 0, positions: countTokens(scales), split: countTokens(scales, student.split) });
  const condition = await networks.studentCondition(prompt);
  const { latents, codes, logits } = VAR_STUDENT.outputs;
  const step = { scales, channels: codebook.channels, plan, batch: 1, condition, noise, latents: noise };
  const graph = await networks.student();
  const outputs = await graph.run(feedVarStudent(step), [latents, codes, ...(wantsLogits ? [logits] : [])]);
  return {
    codes: outputs.int64(codes),
    logits: wantsLogits ? outputs.float32(logits) : null,
    latents: outputs.float32(latents),
  };
}
