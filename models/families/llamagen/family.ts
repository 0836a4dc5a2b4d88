/** LlamaGen: VQ codes of a grid, drawn by a distilled student in one or two steps, or by the autoregressive teacher. */
import { VQ_DECODER } from '../../graphs.js';
import type { Pack } from '../../pack.js';
import { toRgb } from '../../run/image.js';
import { joinNoise } from '../../sampling/batch.js';
import { noiseFor } from '../../sampling/noise.js';
import type { Family, FamilySession, PackHandle } from '../family.js';
import { checkRequest } from './check-request.js';
import { encodePicture } from './encode.js';
import { llamagenInfo } from './info.js';
import { openNetworks } from './networks.js';
import { canEdit, modelOf, positionsOf } from './part.js';
import { scheduleOfSteps } from './presets.js';
import { probe } from './probe.js';
import { sample } from './sample.js';
import { listUnits } from './units.js';

export const llamagen: Family = {
  info: llamagenInfo,
  open: openLlamagen,
  scheduleOfSteps: (pack, steps) => scheduleOfSteps(modelOf(pack), steps),
  checkRequest: (pack, request) => checkRequest(modelOf(pack), request),
  units: (pack, request, pictures) => listUnits(modelOf(pack), request, pictures),
  sampling: (pack) => modelOf(pack).teacher?.sampling ?? null,
  describe,
  preference(pack) {
    const { student, teacher } = modelOf(pack);
    const network = student ?? teacher;
    return (student ? 1e8 : 0) + (network ? network.layers * network.width : 0);
  },
};

function describe(pack: Pack): [string, string][] {
  const model = modelOf(pack);
  const { grid, student, teacher } = model;
  return [
    ['codes', `${grid.rows} x ${grid.columns}`],
    [
      'student',
      student ? `${student.layers} layers of ${student.width}, steps begin at ${student.times.join(', ')}` : 'none',
    ],
    [
      'teacher',
      teacher ? `${teacher.layers} layers of ${teacher.width}, guidance ${teacher.sampling.guidance}` : 'none',
    ],
    ['pictures', canEdit(model) ? 'can be edited (--image)' : 'can not be edited'],
  ];
}

function openLlamagen(handle: PackHandle): FamilySession {
  const networks = openNetworks(handle);
  const { model } = networks;
  const { channels } = model.codebook;
  const total = positionsOf(model);
  const { width, height } = handle.pack.size;
  return {
    channels,
    async load({ schedule, edit }) {
      if (edit) await networks.encoder();
      if (schedule.kind !== 'teacher') await networks.student();
      if (schedule.kind === 'student' && model.student?.kind === 'flow-head') await networks.codebook();
      if (schedule.kind !== 'student') await Promise.all([networks.teacher(), networks.codebook()]);
      await networks.decoder();
    },
    async readPrompt(prompt, { schedule }) {
      // The teacher reads a prompt with its guidance, in the run itself.
      if (schedule.kind !== 'teacher') await networks.conditionOf(prompt);
    },
    sample: (run) => sample({ ...run, networks, noise: joinNoise(run.seeds, total, channels) }),
    async decode(latents) {
      const outputs = await (await networks.decoder()).run({
        [VQ_DECODER.inputs.latents]: { type: 'float32', shape: [1, total, channels], data: latents },
      });
      return toRgb(outputs.float32(VQ_DECODER.outputs.image), width, height);
    },
    encode: canEdit(model) ? (image, open) => encodePicture(networks, image, open) : null,
    probe: model.student
      ? (prompt, seed, { logits }) => probe(networks, prompt, noiseFor(seed, total, channels), logits)
      : null,
  };
}
