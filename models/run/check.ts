/** Whether a pack can do what a request asks, said before any work is done. */
import type { Family, Warning } from '../families/family.js';
import type { Pack } from '../pack.js';
import { GenerateError, GenerateRequest } from '../protocol.js';
import { upstreamWork } from '../request/schedule.js';
import { checkEdit } from './edit.js';

/**
 * @returns warnings: what the request asks and this pack will not heed
 * @throws GenerateError `invalid-request`, `unknown-pack`, `unsupported-schedule` or `unsupported-edit`
 */
export function checkRequest(family: Family, pack: Pack, request: GenerateRequest): readonly Warning[] {
  const parsed = GenerateRequest.safeParse(request);
  if (!parsed.success)
    throw new GenerateError(
      'invalid-request',
      `The request is not valid: ${parsed.error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; ')}.`,
    );
  if (request.pack !== pack.id)
    throw new GenerateError('unknown-pack', `The request asks for pack "${request.pack}", but "${pack.id}" is open.`);
  if (upstreamWork(request.schedule))
    throw new GenerateError(
      'unsupported-schedule',
      `Pack ${pack.id} draws here, and the request is for another image server.`,
    );
  if (request.edit) {
    if (!family.info.canEdit(pack)) throw cannotEdit(pack.name);
    checkEdit(request.edit);
  }
  return family.checkRequest(pack, request);
}

/** What a pack without an encoder says. */
const cannotEdit = (name: string) =>
  new GenerateError(
    'unsupported-edit',
    `${name} starts from words only: its pack has no encoder, which turns a picture into codes. Choose another model, or import this one again with this version (twostep import takes the encoder along), or leave the picture out.`,
  );
