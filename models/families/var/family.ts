/** VAR: tokens of ever finer scales, drawn by a distilled student in one or two steps, or by the teacher in one for each scale. */
import { VQ_DECODER } from '../../graphs.js';
import type { Pack } from '../../pack.js';
import { toRgb } from '../../run/image.js';
import { joinNoise } from '../../sampling/batch.js';
import { noiseFor } from '../../sampling/noise.js';
import { countTokens } from '../../sampling/scales.js';
import type { Family, FamilySession, PackHandle } from '../family.js';
import { checkRequest, samplingOf } from './check-request.js';
import { varInfo } from './info.js';
import { openNetworks } from './networks.js';
import { modelOf } from './part.js';
import { scheduleOfSteps } from './presets.js';
import { probe } from './probe.js';
import { sample } from './sample.js';
import { listUnits } from './units.js';

export const nextScale: Family = {
  info: varInfo,
  open: openVar,
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
  const { scales, student, teacher } = modelOf(pack);
  return [
    ['scales', scales.join(', ')],
    [
      'student',
      student ? `${student.layers} layers of ${student.width}, steps keep ${student.times.join(', ')} scales` : 'none',
    ],
    [
      'teacher',
      teacher ? `${teacher.layers} layers of ${teacher.width}, guidance ${teacher.sampling.guidance}` : 'none',
    ],
  ];
}

function openVar(handle: PackHandle): FamilySession {
  const networks = openNetworks(handle);
  const { model } = networks;
  const { channels } = model.codebook;
  const total = countTokens(model.scales);
  const { width, height } = handle.pack.size;
  return {
    channels,
    async load({ schedule }) {
      if (schedule.kind !== 'teacher') await Promise.all([networks.student(), networks.loadCondition('student')]);
      if (schedule.kind !== 'student')
        await Promise.all([
          networks.teacher(),
          networks.loadCondition('teacher'),
          networks.levels(),
          networks.codebook(),
        ]);
      await networks.decoder();
    },
    async readPrompt(prompt, request) {
      if (request.schedule.kind !== 'teacher') await networks.studentCondition(prompt);
      if (request.schedule.kind !== 'student')
        await networks.teacherCondition(prompt, samplingOf(model, request).guidance > 0);
    },
    sample: (run) => sample({ ...run, networks, noise: joinNoise(run.seeds, total, channels) }),
    async decode(latents) {
      const outputs = await (await networks.decoder()).run({
        [VQ_DECODER.inputs.latents]: { type: 'float32', shape: [1, total, channels], data: latents },
      });
      return toRgb(outputs.float32(VQ_DECODER.outputs.image), width, height);
    },
    encode: null,
    probe: model.student
      ? (prompt, seed, { logits }) => probe(networks, prompt, noiseFor(seed, total, channels), logits)
      : null,
  };
}
