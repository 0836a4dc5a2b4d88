import { describe, expect, it } from 'vitest';
import { planFlow } from '../../../models/families/llamagen/flow-head.js';
import { familyOf, presetsOf, targetOf } from '../../../models/families/packs.js';
import { type GenerateRequest, REQUEST_DEFAULTS, Schedule } from '../../../models/protocol.js';
import { buildRequest, InvalidRequestError } from '../../../models/request/build.js';
import { describeRequest } from '../../../models/request/describe.js';
import { nearestPreset, presetLike, presetOf } from '../../../models/request/presets.js';
import { canDraft, describeSchedule } from '../../../models/request/schedule.js';
import { describePack } from '../../support/packs.js';

const pack = describePack();
const target = targetOf(pack);
const STUDENT = { kind: 'student', steps: 2 } as const;
const REFINED = { ...STUDENT, steps: 1, refinements: 3 } as const;
const MIXED = { kind: 'mixed', resampled: 3 } as const;
const TEACHER = { kind: 'teacher', draw: 'sample' } as const;

describe('a request', () => {
  it('is complete with a prompt and seeds alone, and in one order of fields however it was wished', () => {
    const request = buildRequest(target, { prompt: 'owl', seeds: [1, 2] });
    expect(request).toEqual({
      ...REQUEST_DEFAULTS,
      prompt: 'owl',
      pack: pack.id,
      seeds: [1, 2],
      schedule: target.presets.standard,
      size: target.size,
    });
    const { prompt, ...rest } = request;
    expect(JSON.stringify(buildRequest(target, { ...rest, prompt }))).toBe(JSON.stringify(request));
  });

  it('takes from another what is not wished, and is that one where nothing is', () => {
    const like: GenerateRequest = {
      ...REQUEST_DEFAULTS,
      prompt: 'fox',
      pack: pack.id,
      seeds: [7],
      schedule: { kind: 'student', steps: 1 },
      size: { width: 64, height: 80 },
      // No panel asks for it, but a request may say so, and its picture carries it.
      draft: true,
    };
    const { prompt, seeds } = like;
    expect(buildRequest(target, { prompt, seeds }, like)).toEqual(like);
    expect(buildRequest(target, { prompt: 'owl', seeds: [8], preset: 'standard' }, like)).toEqual({
      ...like,
      prompt: 'owl',
      seeds: [8],
      schedule: target.presets.standard,
    });
  });

  it('that is not valid names its fields', () => {
    const build = () => buildRequest(target, { prompt: 'x'.repeat(20_001), seeds: [1, -1] });
    expect(build).toThrow(InvalidRequestError);
    expect(build).toThrow(/^The request is not valid: prompt: .*; seeds\.1: /);
  });
});

describe('A8: presets, drafts and words are one answer', () => {
  it('stand in for each other in one order', () => {
    expect(nearestPreset({ draft: STUDENT, fine: TEACHER }, 'standard')).toBe('draft');
    expect(nearestPreset({ draft: STUDENT, standard: STUDENT }, 'fine')).toBe('standard');
    expect(nearestPreset({ fine: TEACHER }, 'draft')).toBe('fine');
    expect(nearestPreset({}, 'fine')).toBe('fine');
  });

  it.each([
    [{ kind: 'student', steps: 1 }, 'draft'],
    [STUDENT, 'standard'],
    [{ ...STUDENT, refinements: 0 }, 'standard'],
    [{ ...STUDENT, refinements: 9 }, 'fine'],
    [MIXED, 'fine'],
    [TEACHER, 'fine'],
  ] as const)('%j is most like %s', (schedule, preset) => expect(presetLike(presetsOf(pack), schedule)).toBe(preset));

  it('knows a preset again, no refinements and none said alike', () => {
    for (const [name, schedule] of Object.entries(target.presets))
      expect(presetOf(target.presets, schedule)).toBe(name);
    expect(presetOf(target.presets, { ...STUDENT, refinements: 0 })).toBe('standard');
    expect(presetOf(target.presets, { ...STUDENT, refinements: 1 })).toBeUndefined();
  });

  it.each([
    [{ kind: 'student', steps: 1 }, false],
    [{ kind: 'student', steps: 1, refinements: 0 }, false],
    [STUDENT, true],
    [REFINED, true],
    [MIXED, true],
    [TEACHER, false],
  ] as const)('a draft is asked for where the pipeline has one: %j %s', (schedule, has) => {
    expect(canDraft(schedule)).toBe(has);
    const request = buildRequest(target, {
      prompt: 'owl',
      seeds: [1],
      schedule: Schedule.parse(schedule),
      draft: true,
    });
    expect(request.draft).toBe(has);
    const units = familyOf(pack).units(pack, { ...request, draft: true }, 1);
    expect(units.some(({ phase }) => phase === 'draft')).toBe(has);
  });

  it.each([
    [{ kind: 'student', steps: 1 }, '1 step'],
    [STUDENT, '2 steps'],
    [REFINED, '1 step and up to 3 refinement passes'],
    [{ ...STUDENT, refinements: 1 }, '2 steps and up to 1 refinement pass'],
    [MIXED, '2 steps, 3 codes resampled by the teacher'],
    [TEACHER, 'the teacher alone'],
    [{ kind: 'teacher', draw: 'noise' }, 'the teacher alone, from the noise'],
  ] as const)('%j is "%s"', (schedule, words) => {
    expect(describeSchedule(schedule)).toBe(words);
    const request = buildRequest(target, { prompt: 'owl', seeds: [1, 2], schedule, size: { width: 64, height: 32 } });
    expect(describeRequest(request)).toBe(`Pack ${pack.id}, seeds 1 to 2, ${words}, 64 x 32 pixels.`);
  });

  it('plans as many passes of a flow head as it says steps', () => {
    expect(planFlow([0, 20], 1, 64, false).length).toBe(1);
    expect(planFlow([0, 20], 2, 64, false).length).toBe(2);
  });
});
