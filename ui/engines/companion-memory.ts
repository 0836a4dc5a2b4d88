/** What the companion keeps of the past: a job that goes on, and finished pictures of the last day. */
import * as z from 'zod/mini';
import { Job, JobList, readEach } from '../../models/api.js';
import { GenerateRequest } from '../../models/protocol.js';
import { upgradeRequest } from '../../models/request/upgrade.js';
import type { KeptPicture, Memory } from './offer.js';

/** Jobs a page; the companion's own limit. */
const PAGE = 100;

/** The companion may be newer than the panel: its jobs are read one by one. */
const JobPage = z.extend(JobList, { jobs: z.array(z.unknown()) });

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
  const found = jobs.find((job) => {
    const read = upgradeRequest(job.request);
    return read.ok && JSON.stringify(read.request) === wanted;
  });
  return found && found.state !== 'failed' && found.state !== 'cancelled' ? found.id : null;
}

export function createCompanionMemory(ask: Ask): Memory {
  return {
    async list(before, signal) {
      const { jobs, next } = await readPage(ask, before, signal);
      const pictures = jobs.flatMap(({ id, created, request, pictures }) => {
        const read = upgradeRequest(request);
        return pictures.map(
          ({ index, seed }): KeptPicture => ({
            id: `${id}/pictures/${index}`,
            at: created,
            ...(read.ok ? { request: { ...read.request, seeds: [seed] } } : { request: null, unreadable: read }),
          }),
        );
      });
      return { pictures, next };
    },
    small: async (id, signal) => (await ask(`/v1/jobs/${id}/thumbnail`, signal)).blob(),
    whole: async (id, signal) => new Uint8Array(await (await ask(`/v1/jobs/${id}`, signal)).arrayBuffer()),
  };
}

/** A job that this version has no idea of is left out; the others stay. */
async function readPage(
  ask: Ask,
  before: string | null,
  signal: AbortSignal,
): Promise<{ readonly jobs: readonly Job[]; readonly next: string | null }> {
  const query = before === null ? '' : `&before=${before}`;
  const response = await ask(`/v1/jobs?limit=${PAGE}${query}`, signal);
  const { jobs, next } = JobPage.parse(await response.json());
  return { jobs: readEach(Job, jobs), next };
}
