/**
 * Requests of every version. They lie on layers, in PNGs, in histories and in job stores for years, written by other versions
 * of this program, so whatever is read goes through `upgradeRequest`. A request that can't be read is a value like any other:
 * keep its `raw`, show its `message`, and go on with the rest.
 */
import * as z from 'zod/mini';
import { GenerateRequest, REQUEST_VERSION } from '../protocol.js';
import { prepared } from '../schema.js';
import { escapeWords } from '../wildcards.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Entry n brings a request of version n + 1 up to version n + 2; `version` itself is set by `upgradeRequest`. An entry is never changed
 * once it was released. It gives a new field the value with which older requests were drawn, so that they draw the same pixels.
 */
const MIGRATIONS: readonly ((request: Fields) => Fields)[] = [
  // 1 to 2: requests carry their version; version 1 had none. Words were drawn as they stood, backgrounds kept.
  (request) => ({ ...request, force: true, background: 'opaque', plan: {} }),
  // 2 to 3: a schedule may be of another image server. Older ones are what they were.
  (request) => request,
  // 3 to 4: a request may start from a picture. Older ones started from none.
  (request) => ({ ...request, edit: null }),
  // 4 to 5: braces and lines are choices. What older prompts have of them were plain characters.
  (request) =>
    typeof request['prompt'] === 'string' ? { ...request, prompt: escapeWords(request['prompt']) } : request,
  // 5 to 6: a picture may have the colours of a palette. Older ones had their own.
  (request) => ({ ...request, palette: [] }),
];

export type UnreadableRequest = {
  readonly ok: false;
  readonly why: 'newer' | 'damaged';
  /** As it was found. Write this back, never an approximation of it. */
  readonly raw: unknown;
  /** A sentence for the person. */
  readonly message: string;
};
export type UpgradedRequest = { readonly ok: true; readonly request: GenerateRequest } | UnreadableRequest;

/** @param raw a request of any version, or anything else */
export function upgradeRequest(raw: unknown): UpgradedRequest {
  const version = versionOf(raw);
  if (version > REQUEST_VERSION)
    return {
      ok: false,
      why: 'newer',
      raw,
      message: `This was made by a newer Twostep (request version ${version}, this one reads up to ${REQUEST_VERSION}). Update Twostep to use it.`,
    };
  const parsed = GenerateRequest.safeParse(migrate(raw, version));
  if (parsed.success) return { ok: true, request: parsed.data };
  const faults = parsed.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || 'request'}: ${message}`);
  return { ok: false, why: 'damaged', raw, message: `The request is not valid: ${faults.join('; ')}.` };
}

/** The same for a request in JSON. */
export function upgradeRequestText(json: string): UpgradedRequest {
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch {
    return { ok: false, why: 'damaged', raw: json, message: `The request is not JSON: "${json.slice(0, 60)}".` };
  }
  return upgradeRequest(raw);
}

/** A request of any version as part of a larger schema; one that can't be read is an issue with its sentence. */
export const AnyRequest = prepared((raw, context) => {
  const upgraded = upgradeRequest(raw);
  if (upgraded.ok) return upgraded.request;
  // The schema names the fields that are wrong; of a newer version it knows nothing.
  if (upgraded.why === 'damaged') return migrate(raw, versionOf(raw));
  context.issues.push({ code: 'custom', message: upgraded.message, input: raw });
  return z.NEVER;
}, GenerateRequest);

function migrate(raw: unknown, version: number): unknown {
  if (!isRecord(raw)) return raw;
  const steps = MIGRATIONS.slice(version - 1);
  return steps.reduce<Fields>((request, step, index) => ({ ...step(request), version: version + index + 1 }), raw);
}

/** What is no version counts as the newest, whose schema refuses it by name. */
function versionOf(raw: unknown): number {
  if (!isRecord(raw) || raw['version'] === undefined) return 1;
  const { version } = raw;
  return typeof version === 'number' && Number.isInteger(version) && version >= 1 ? version : REQUEST_VERSION;
}

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
