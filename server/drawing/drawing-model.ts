/** What draws, as those see it who make requests: a pack on this machine, or a model of another image server that its owner added. */
import { canEdit, familyOf, samplingOf, scheduleOfSteps, targetOf } from '../../models/families/packs.js';
import type { Pack } from '../../models/pack.js';
import { GenerateError, type GenerateRequest, type Sampling, type Schedule } from '../../models/protocol.js';
import type { RequestTarget } from '../../models/request/build.js';
import { upstreamWork } from '../../models/request/schedule.js';
import { checkRequest } from '../../models/run/check.js';
import type { Catalogue } from '../packs/catalogue.js';
import { targetOfUpstream, type UpstreamModel, whereItGoes } from '../upstream/models.js';

export type DrawingModel = {
  readonly id: string;
  readonly name: string;
  /** What it can draw, in a sentence for the person; of another server, where the prompt goes. */
  readonly description: string;
  readonly ideas: readonly string[];
  /** SPDX identifier. */
  readonly licence: string;
  readonly target: RequestTarget;
  /** What happens to a prompt that goes to another server; null for packs. */
  readonly notice: string | null;
  scheduleOfSteps(steps: number): Schedule;
  /** What guidance, top-k, top-p and temperature are where nobody says; null where nothing is steered so. */
  readonly sampling: Sampling | null;
  /** Whether it can start from a picture. */
  readonly canEdit: boolean;
  /** @returns what is asked and will not be heeded. @throws GenerateError where it can't be done */
  check(request: GenerateRequest): readonly { readonly message: string }[];
};

export function modelOfPack(pack: Pack): DrawingModel {
  const { id, name, description, ideas, licence } = pack;
  return {
    id,
    name,
    description,
    ideas,
    licence: licence.spdx,
    target: targetOf(pack),
    notice: null,
    scheduleOfSteps: (steps) => scheduleOfSteps(pack, steps),
    sampling: samplingOf(pack),
    canEdit: canEdit(pack),
    check: (request) => checkRequest(familyOf(pack), pack, request),
  };
}

export function modelOfUpstream(model: UpstreamModel): DrawingModel {
  const notice = whereItGoes(model);
  return {
    id: model.id,
    name: `${model.model} (${model.upstream.name})`,
    description: notice,
    ideas: [],
    licence: 'NOASSERTION',
    target: targetOfUpstream(model),
    notice,
    scheduleOfSteps: (steps) => ({ kind: 'upstream', quality: 'auto', steps: Math.min(steps, 1000) }),
    sampling: null,
    canEdit: false,
    check({ pack, schedule, edit, palette }) {
      if (pack !== model.id)
        throw new GenerateError('unknown-pack', `The request is for "${pack}", not for "${model.id}".`);
      if (edit)
        throw new GenerateError(
          'unsupported-edit',
          `"${model.id}" draws on another server, to which words are sent and no pictures. Choose a model of this machine.`,
        );
      if (upstreamWork(schedule))
        return palette.length > 0
          ? [
              {
                code: 'keeps-colours',
                message: `"${model.id}" draws on another server: pictures keep their own colours.`,
              },
            ]
          : [];
      throw new GenerateError(
        'unsupported-schedule',
        `"${model.id}" draws on another server, which knows no steps of a student or teacher.`,
      );
    },
  };
}

/** Where they are looked up. */
export type ModelSources = { readonly catalogue: Catalogue; upstreams(): Promise<readonly UpstreamModel[]> };

/**
 * @param id undefined asks for the best pack: nothing leaves this machine unless it is named
 * @throws GenerateError `unknown-pack`
 */
export async function findModel({ catalogue, upstreams }: ModelSources, id: string | undefined): Promise<DrawingModel> {
  const remote = id === undefined ? undefined : (await upstreams()).find((model) => model.id === id);
  return remote ? modelOfUpstream(remote) : modelOfPack((await catalogue.find(id)).pack);
}

/** The packs, best first, then what other servers draw. */
export async function listModels({ catalogue, upstreams }: ModelSources): Promise<DrawingModel[]> {
  const packs = (await catalogue.list()).flatMap((one): Pack[] => (one.state === 'ready' ? [one.pack] : []));
  const best = packs.length > 0 ? (await catalogue.find(undefined)).pack.id : undefined;
  const sorted = packs.sort((a, b) => Number(b.id === best) - Number(a.id === best));
  return [...sorted.map(modelOfPack), ...(await upstreams()).map(modelOfUpstream)];
}
