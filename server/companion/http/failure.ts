/** What goes wrong over HTTP, in OpenAI's shape. */
import type * as z from 'zod';
import { type ApiFailure, STATUS_OF } from '../../../models/api.js';
import type { ErrorCode } from '../../../models/protocol.js';
import { GenerateError } from '../../../models/protocol.js';
import type { Reading } from '../../../models/vocabulary.js';
import { StorageError } from '../../node/storage.js';
import { BusyError } from '../jobs/limits.js';

type Detail = ApiFailure['error'];

export class HttpError extends Error {
  override readonly name = 'HttpError';
  constructor(
    readonly status: number,
    readonly detail: Detail,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail.message);
  }
}

const TYPES: Readonly<Record<number, Detail['type']>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
};

export function failure(
  status: number,
  code: string,
  message: string,
  { param = null, headers = {} }: { param?: string | null; headers?: Record<string, string> } = {},
): HttpError {
  const type = TYPES[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
  return new HttpError(status, { message, type, param, code }, headers);
}

/** Which field of an Images request an error of the core is about. */
const PARAMS: Partial<Record<ErrorCode, string>> = {
  'empty-prompt': 'prompt',
  'unknown-class': 'prompt',
  'unknown-words': 'prompt',
  'unsupported-schedule': 'quality',
  'unsupported-size': 'size',
  'unknown-pack': 'model',
};

export function failureOf(code: ErrorCode, message: string, reading?: Reading): HttpError {
  if (code === 'unknown-pack') return failure(404, 'model_not_found', message, { param: 'model' });
  const told = failure(STATUS_OF[code], code.replaceAll('-', '_'), message, { param: PARAMS[code] ?? null });
  return reading ? new HttpError(told.status, { ...told.detail, reading }, told.headers) : told;
}

/** Any error as an answer; undefined for what nobody expected. */
export function asFailure(error: unknown): HttpError | undefined {
  if (error instanceof HttpError) return error;
  if (error instanceof GenerateError) return failureOf(error.code, error.message, error.reading);
  if (error instanceof BusyError)
    return failure(429, 'queue_full', error.message, { headers: { 'Retry-After': String(error.retryAfter) } });
  if (error instanceof StorageError) return failure(503, 'storage_failed', error.message);
  return undefined;
}

export function failureOfSchema(error: z.core.$ZodError): HttpError {
  const [issue] = error.issues;
  if (issue?.code === 'unrecognized_keys')
    return failure(400, 'unknown_parameter', `Unknown parameter: "${issue.keys[0]}".`, {
      param: issue.keys[0] ?? null,
    });
  const path = issue?.path.join('.') || null;
  const missing =
    (issue?.code === 'invalid_type' || issue?.code === 'invalid_union') && /received undefined/.test(issue.message);
  const said = path === null ? 'The request' : `"${path}"`;
  return failure(
    400,
    missing ? 'missing_required_parameter' : 'invalid_value',
    missing ? `${said} is missing.` : `${said}: ${issue?.message ?? 'is not valid'}.`,
    { param: path },
  );
}

export function toResponse({ status, detail, headers }: HttpError): Response {
  const body: ApiFailure = { error: detail };
  return Response.json(body, { status, headers });
}
