/** What other image servers say when they refuse, in the shapes that they have for it. */

import { printable } from '../../models/printable.js';
import { GenerateError } from '../../models/protocol.js';
import type { Upstream } from './settings.js';

/** Characters of a stranger's text in a sentence of ours. */
const QUOTED = 300;

export type Refusal = {
  readonly status: number;
  /** The server's own words, bounded and fit to be shown; empty where it has none. */
  readonly message: string;
  readonly code: string | null;
  /** Parameters that it says it does not take. */
  readonly params: readonly string[];
};

/**
 * OpenAI and LocalAI: `{"error": {"message", "param", "code"}}`; stable-diffusion.cpp: `{"error": "..."}`; vLLM: `{"object": "error", "message"}`;
 * FastAPI (SGLang, Open WebUI): `{"detail": "..."}` or `{"detail": [{"loc": ["body", "seed"], "msg"}]}`; proxies: a page.
 */
export function readRefusal(status: number, body: string): Refusal {
  const json = parse(body);
  const error = field(json, 'error');
  const detail = field(json, 'detail');
  const issues = Array.isArray(detail) ? detail : [];
  const said = [field(error, 'message'), error, field(json, 'message'), detail, field(issues[0], 'msg')].find(
    (text): text is string => typeof text === 'string',
  );
  const isPage = json === undefined && /<html|<!doctype/i.test(body);
  const message = shorten(said ?? (json === undefined && !isPage ? body : ''));
  const code = field(error, 'code');
  const named = [field(error, 'param'), ...issues.map((issue) => lastOf(field(issue, 'loc')))];
  return {
    status,
    message,
    code: typeof code === 'string' ? code : null,
    params: [...named.filter((name): name is string => typeof name === 'string'), ...quotedIn(message)],
  };
}

/** "Unknown parameter: 'seed'", "Unrecognized request argument supplied: seed", "unknown field \"seed\"". */
function quotedIn(message: string): string[] {
  if (!/(un(known|recognized|expected|supported|permitted)|extra|not (allowed|supported|permitted))/i.test(message))
    return [];
  return [...message.matchAll(/["'`]([a-z_]{1,40})["'`]|supplied: ([a-z_]{1,40})/g)].map(
    ([, quoted, bare]) => (quoted ?? bare) as string,
  );
}

/** The refusal in our words, by what the person can do. */
export function toError(
  { name, keyEnv, url }: Pick<Upstream, 'name' | 'url' | 'keyEnv'>,
  { status, message, code }: Refusal,
): GenerateError {
  const host = new URL(url).host;
  const words = message === '' ? '.' : `: ${message}`;
  if (status === 401 || status === 403) {
    const why = keyEnv === null ? 'wants a key (twostep upstream add --key-env)' : `refuses the key in ${keyEnv}`;
    return new GenerateError('engine-unavailable', `"${name}" (${host}) ${why}${words}`);
  }
  if (status === 402) return new GenerateError('engine-unavailable', `"${name}" (${host}) wants to be paid${words}`);
  if (status === 404)
    return new GenerateError('unknown-pack', `"${name}" (${host}) has no such model or address${words}`);
  if (status === 429) return new GenerateError('engine-unavailable', `"${name}" (${host}) is asked too often${words}`);
  if (code === 'moderation_blocked' || code === 'content_policy_violation')
    return new GenerateError('invalid-request', `"${name}" (${host}) does not draw this${words}`);
  if (status < 500) return new GenerateError('invalid-request', `"${name}" (${host}) refuses the request${words}`);
  return new GenerateError('engine-failed', `"${name}" (${host}) failed with status ${status}${words}`);
}

function shorten(text: string): string {
  const plain = printable(text).trim();
  return plain.length > QUOTED ? `${plain.slice(0, QUOTED - 1)}\u2026` : plain;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

const lastOf = (value: unknown): unknown => (Array.isArray(value) ? value.at(-1) : undefined);
