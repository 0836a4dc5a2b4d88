/**
 * One file over HTTP: gone on with where an earlier try ended, and checked against size and SHA-256. The other side may break off, lie about
 * lengths or send other bytes.
 */
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256OfFile } from '../../models/onnx/hash.js';
import { GenerateError } from '../../models/protocol.js';
import { type Answer, ask, type MayFollow } from './ask.js';
import { type IdleTimeout, watchIdle } from './idle-timeout.js';
import { pause, waitOf } from './retry-after.js';

/** What is known of a file before it is fetched. */
export type WantedFile = {
  /** Below the folder that it is fetched into. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Null where nobody says it: then the size alone is checked. */
  readonly sha256: string | null;
};

export type Patience = {
  readonly signal: AbortSignal;
  /** Milliseconds before each new try after the connection broke. */
  readonly retries: readonly number[];
  /** Milliseconds in which something must come before the connection counts as broken. */
  readonly silence: number;
  readonly mayFollow: MayFollow;
};

export const PATIENCE = {
  retries: [500, 2000, 5000, 10_000],
  // A mobile connection in a tunnel comes back within it.
  silence: 30_000,
} as const satisfies Partial<Patience>;

/** A server that asks for patience so often in a row does not mean to give the file. */
const MAXIMUM_WAITS = 20;

/** Yields how many bytes of the file are here. @throws GenerateError `unknown-pack` when it can't be had, `damaged-pack` */
export async function* fetchFile(
  url: URL,
  file: WantedFile,
  partial: string,
  patience: Patience,
): AsyncGenerator<number> {
  const { signal, retries } = patience;
  const path = join(partial, file.path);
  await mkdir(dirname(path), { recursive: true });
  let waits = 0;
  for (let attempt = 0; ; ) {
    const have = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (have > file.size) await rm(path);
    if (have === file.size) break;
    const stop = yield* append(url, file, path, have > file.size ? 0 : have, patience);
    const now = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (now === file.size) break;
    // As long as something comes, patience costs nothing.
    if (now > have) [attempt, waits] = [0, 0];
    if (stop.wait !== undefined && waits++ < MAXIMUM_WAITS) {
      await pause(stop.wait, signal);
      continue;
    }
    const next = retries[attempt++];
    if (next === undefined) throw unreachable(url, stop.reason);
    await pause(next, signal);
  }
  if (file.sha256 === null || (await sha256OfFile(path, { signal })) === file.sha256) return;
  await rm(path);
  throw damaged(url, 'its content has another hash than is stated; what was fetched of it is thrown away');
}

/** Why there was not more, and how many milliseconds the server wants to be left alone, where it said so. */
type Stop = { readonly reason: string; readonly wait?: number };

/** One try: yields the size reached. */
async function* append(
  url: URL,
  { size }: WantedFile,
  path: string,
  have: number,
  { signal, silence, mayFollow }: Patience,
): AsyncGenerator<number, Stop> {
  const watch = watchIdle(signal, silence);
  watch.listen();
  let response: Answer | undefined;
  try {
    response = await askWhile(watch, url, have > 0 ? { Range: `bytes=${have}-` } : {}, mayFollow);
    const wait = waitOf(response.status, response.header('retry-after'));
    if (wait !== null) return { reason: `it answered ${response.status}`, wait };
    if (response.status !== 200 && response.status !== 206) throw unreachable(url, `it answered ${response.status}`);
    const resumes = response.status === 206;
    if (resumes && !response.header('content-range')?.startsWith(`bytes ${have}-`))
      throw damaged(url, 'it sent another part than was asked for');
    let reached = resumes ? have : 0;
    const file = await open(path, resumes ? 'a' : 'w');
    try {
      for await (const part of response.body) {
        reached += part.length;
        if (reached > size) throw damaged(url, `it sends more than the ${size} bytes that are stated`);
        // Neither our disk nor our caller is what is listened to.
        watch.rest();
        await file.writeFile(part);
        yield reached;
        watch.listen();
      }
    } finally {
      await file.close();
    }
    return { reason: 'the connection ended early' };
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof GenerateError) {
      if (error.code === 'damaged-pack') await rm(path, { force: true });
      throw error;
    }
    // A full disk will not be better for trying again.
    if (/^E(NOSPC|ACCES|ROFS|DQUOT)$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return { reason: (error as Error).message };
  } finally {
    response?.discard();
    watch.rest();
  }
}

/** While the person is asked whether another host is as good, the first one need not speak. */
export function askWhile(
  watch: IdleTimeout,
  url: URL,
  headers: Readonly<Record<string, string>>,
  mayFollow: MayFollow,
): Promise<Answer> {
  return ask(url, headers, watch.signal, async (from, to) => {
    watch.rest();
    try {
      return await mayFollow(from, to);
    } finally {
      watch.listen();
    }
  });
}

export const unreachable = (url: URL, why: string) =>
  new GenerateError(
    'unknown-pack',
    `"${url.href}" could not be fetched: ${why}. What is here is kept; the same command goes on.`,
  );
export const damaged = (url: URL, why: string) =>
  new GenerateError('damaged-pack', `"${url.href}" is not what it should be: ${why}.`);
