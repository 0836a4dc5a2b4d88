/** What the companion keeps of the past: a job that goes on, and finished pictures of the last day. */
import { JobList } from '../../models/api.js';
import { GenerateRequest } from '../../models/protocol.js';
import type { KeptPicture, Memory } from './offer.js';

/** Jobs a page; the companion's own limit. */
const PAGE = 100;

/** Asks the companion with the token that the panel has. @throws where it can't be reached or refuses */
export type Ask = (path: string, signal: AbortSignal) => Promise<Response>;

/**
 * The newest job that draws or has drawn this request. Requests are compared, and no name of a job is kept: equal requests
 * give equal pictures, whoever asked for them.
 *
 * @returns its id, or null where there is none or it was stopped
 */
export async function findJob(request: GenerateRequest, ask: Ask, signal: AbortSignal): Promise<string | null> {
  const wanted = JSON.stringify(GenerateRequest.parse(request));
  const { jobs } = await readPage(ask, null, signal);
  const found = jobs.find((job) => JSON.stringify(job.request) === wanted);
  return found && found.state !== 'failed' && found.state !== 'cancelled' ? found.id : null;
}

export function createCompanionMemory(ask: Ask): Memory {
  return {
    async list(before, signal) {
      const { jobs, next } = await readPage(ask, before, signal);
      const pictures = jobs.flatMap(({ id, created, request, pictures }) =>
        pictures.map(
          ({ index, seed }): KeptPicture => ({
            id: `${id}/pictures/${index}`,
            at: created,
            request: { ...request, seeds: [seed] },
          }),
        ),
      );
      return { pictures, next };
    },
    small: async (id, signal) => (await ask(`/v1/jobs/${id}/thumbnail`, signal)).blob(),
    whole: async (id, signal) => new Uint8Array(await (await ask(`/v1/jobs/${id}`, signal)).arrayBuffer()),
  };
}

async function readPage(ask: Ask, before: string | null, signal: AbortSignal): Promise<JobList> {
  const query = before === null ? '' : `&before=${before}`;
  const response = await ask(`/v1/jobs?limit=${PAGE}${query}`, signal);
  return JobList.parse(await response.json());
}
