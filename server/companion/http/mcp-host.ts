/** What agents draw with over HTTP: the companion's own jobs, in the name of the agent's token. */
import { JobId } from '../../../models/api.js';
import { listModels } from '../../drawing/drawing-model.js';
import type { ImageHost } from '../../mcp/host.js';
import type { Companion } from './companion.js';
import { asFailure, failure } from './failure.js';
import { pictureAddress } from './picture-address.js';
import { placePicture } from './place-picture.js';
import { leaveOf } from './revocation.js';

/** @param base the companion's address as the agent calls it */
export function createMcpHost(companion: Companion, owner: string, base: string): ImageHost {
  const { jobs, tokens, trace, log } = companion;
  return {
    trace,
    models: () => listModels(companion),
    async *draw(request, signal) {
      const job = await jobs.submit({ owner, client: owner, request });
      const leave = leaveOf(companion, owner, signal);
      try {
        for await (const { event } of jobs.watch(owner, job.id, -1, leave.signal)) {
          if (event.type === 'queued' || event.type === 'draft') continue;
          if (event.type !== 'picture') {
            yield event;
            if (event.type === 'done' || event.type === 'error') return;
            continue;
          }
          const picture = { job: job.id, index: event.index };
          const at = { url: base + pictureAddress(tokens, picture, 'png') };
          yield { ...event, image: `${job.id}/${event.index}`, at };
        }
      } finally {
        leave.end();
        // Nobody else knows of this job; one that is over stays as it is.
        await jobs.cancel(owner, job.id);
      }
      if (leave.revoked()) throw failure(401, 'invalid_api_key', 'This token was revoked meanwhile.');
      yield { type: 'error', code: 'cancelled', message: 'Cancelled, or Twostep is closing.' };
    },
    async read(image) {
      const bytes = await jobs.picture(owner, ...parse(image));
      if (bytes) return bytes;
      throw failure(404, 'picture_not_found', `There is no picture "${image}", or not any more: it is kept for a day.`);
    },
    async keepVectors(image) {
      const [job, index] = parse(image);
      return { url: base + pictureAddress(tokens, { job, index }, 'svg') };
    },
    async place(image, where, signal) {
      const [job, index] = parse(image);
      return (await placePicture(companion, owner, { job, index, where }, signal)).names;
    },
    explain(error) {
      const known = asFailure(error);
      if (!known) log.fault(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return known?.message;
    },
  };
}

/** @throws HttpError where it is none of our handles; no path of a client is opened */
function parse(image: string): [job: string, index: number] {
  const [, job, index] = /^(job_[0-9a-f]{32})\/(\d{1,5})$/.exec(image) ?? [];
  const id = JobId.safeParse(job);
  if (id.success) return [id.data, Number(index)];
  throw failure(400, 'invalid_value', `"image" is to be what an answer of this server called "image": job_.../0.`);
}
