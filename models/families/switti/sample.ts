/** How Switti draws: scale by scale, from the prompt alone to the finest. */
import type { SampleRun, Stage } from '../family.js';
import { samplingOf } from './check-request.js';
import { createChooser } from './choose.js';
import { drawScales } from './draw-scales.js';
import { createFeatures } from './features.js';
import type { Networks } from './networks.js';

export async function* sample(run: SampleRun & { readonly networks: Networks }): AsyncGenerator<Stage, void> {
  const { networks, progress, prompt, request, seeds, signal } = run;
  const { model } = networks;
  const { schedule } = request;
  if (schedule.kind !== 'teacher') throw new RangeError(`a ${schedule.kind} schedule was not refused before`);
  const { transformer, scales, codebook } = model;
  const sampling = samplingOf(model, request);
  const condition = await networks.condition(prompt);
  const smoothing = await networks.smoothing();
  const { channels } = codebook;
  const features = seeds.map(() => createFeatures({ scales, channels, kernels: model.smoothing.kernels }, smoothing));
  const drawing = drawScales(
    await networks.scale(),
    { ...transformer, scales, codes: codebook.size, channels },
    {
      prompts: seeds.map(() => condition),
      nothing: sampling.guidance > 0 ? await networks.nothing() : condition,
      guidance: sampling,
      features,
      choose: createChooser({ model, codebook: await networks.codebook(), sampling, seeds, draw: schedule.draw }),
    },
  );
  for await (const _ of drawing) {
    yield progress.advance();
    signal.throwIfAborted();
  }
  yield { type: 'latents', latents: features.map(({ values }) => values), draft: false };
}
