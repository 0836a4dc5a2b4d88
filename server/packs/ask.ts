/**
 * One GET, by way of the proxy that the environment names. Where an answer sends on to another address, that is followed only where it
 * leads to no other host, or the person agrees to it, and never to where it is not encrypted.
 */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import { GenerateError } from '../../models/protocol.js';

export type Answer = {
  readonly status: number;
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** What was not read is not wanted. */
  discard(): void;
};

/** Whether what was asked of one host may come from another. */
export type MayFollow = (from: URL, to: URL) => Promise<boolean>;

/** Hugging Face and GitHub send on once, to where large files lie. */
const MAXIMUM_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Encrypted, or this very machine. */
export function isSafe({ protocol, hostname }: URL): boolean {
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return protocol === 'https:' || (protocol === 'http:' && local);
}

/**
 * @throws GenerateError `unknown-pack` where it sends on to what is not followed
 * @throws Error saying why the connection failed
 */
export async function ask(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  mayFollow: MayFollow,
): Promise<Answer> {
  const refuse = (why: string) => new GenerateError('unknown-pack', `"${url.href}" ${why}`);
  let current = url;
  for (let hop = 0; hop <= MAXIMUM_REDIRECTS; hop++) {
    const answer = await get(current, headers, signal);
    const location = answer.header('location');
    if (!REDIRECTS.has(answer.status) || location === undefined) return answer;
    answer.discard();
    if (!URL.canParse(location, current.href)) throw refuse('sends on to what is no address.');
    const next = new URL(location, current);
    if (!isSafe(next)) throw refuse(`sends on to "${next.href}", which is not encrypted. That is not followed.`);
    if (![current.host, url.host].includes(next.host) && !(await mayFollow(current, next)))
      throw refuse(
        `sends on to another host, ${next.host}. Where you trust that one too, say --allow-host ${next.host}.`,
      );
    signal.throwIfAborted();
    current = next;
  }
  throw refuse(`sends on more than ${MAXIMUM_REDIRECTS} times.`);
}

async function get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    // `identity`: a compressed answer would have another length than the file.
    const sent = request(url, {
      headers: { ...headers, 'Accept-Encoding': 'identity', 'User-Agent': 'twostep' },
      agent: agentFor(url),
      signal,
    });
    sent.once('response', resolve);
    // Heard to the end: what happens after the answer has begun is told by its body.
    sent.on('error', (error) => reject(inWords(error, signal)));
    sent.end();
  });
  return {
    status: response.statusCode ?? 0,
    header: (name) => {
      const value = response.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    body: bodyOf(response, signal),
    discard: () => void response.destroy(),
  };
}

async function* bodyOf(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of response) yield part as Buffer;
  } catch (error) {
    throw inWords(error as Error, signal);
  }
}

/** A connection of its own for each file: one that was kept may be closed by the other side at the moment it is used again. */
function agentFor(url: URL) {
  const proxy = getProxyForUrl(url.href);
  if (proxy === '') return false;
  if (!/^https?:/.test(proxy))
    throw new GenerateError(
      'unknown-pack',
      `The environment names the proxy "${proxy}", which is not of HTTP; that is not supported.`,
    );
  return url.protocol === 'https:' ? new HttpsProxyAgent(proxy) : new HttpProxyAgent(proxy);
}

function inWords(error: Error, signal: AbortSignal): Error {
  if (signal.aborted && signal.reason instanceof Error) return signal.reason;
  // Of a name with several addresses every one was tried.
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0];
  if ((error as NodeJS.ErrnoException).code === 'ECONNRESET')
    return new Error('the connection ended early', { cause: error });
  return error;
}
