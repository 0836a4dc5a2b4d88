/**
 * One file over HTTP: gone on with where an earlier try ended, and checked against size and SHA-256. The other side may break off, lie about
 * lengths or send other bytes.
 */
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256OfFile } from '../../models/onnx/hash.js';
import type { PackFile } from '../../models/pack.js';
import { GenerateError } from '../../models/protocol.js';
import { watchSilence } from './silence.js';

export type Patience = {
  readonly signal: AbortSignal;
  /** Milliseconds before each new try after the connection broke. */
  readonly retries: readonly number[];
  /** Milliseconds in which something must come before the connection counts as broken. */
  readonly silence: number;
};

/** Yields how many bytes of the file are here. @throws GenerateError `unknown-pack` when it can't be had, `damaged-pack` */
export async function* fetchFile(
  url: URL,
  file: PackFile,
  partial: string,
  patience: Patience,
): AsyncGenerator<number> {
  const { signal, retries } = patience;
  const path = join(partial, file.path);
  await mkdir(dirname(path), { recursive: true });
  for (let attempt = 0; ; ) {
    const have = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (have > file.size) await rm(path);
    if (have === file.size) break;
    const reason = yield* append(url, file, path, have > file.size ? 0 : have, patience);
    const now = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (now === file.size) break;
    // As long as something comes, patience costs nothing.
    if (now > have) attempt = 0;
    const pause = retries[attempt++];
    if (pause === undefined) throw unreachable(url, reason);
    await new Promise((resolve) => setTimeout(resolve, pause));
    signal.throwIfAborted();
  }
  if ((await sha256OfFile(path, { signal })) === file.sha256) return;
  await rm(path);
  throw damaged(url, 'its content is not what pack.json states; what was fetched of it is thrown away');
}

/** One try: yields the size reached. @returns why there was not more */
async function* append(
  url: URL,
  { size }: PackFile,
  path: string,
  have: number,
  { signal, silence }: Patience,
): AsyncGenerator<number, string> {
  const watch = watchSilence(signal, silence);
  watch.listen();
  try {
    const response = await ask(url, have > 0 ? { Range: `bytes=${have}-` } : {}, watch.signal);
    if (response.status !== 200 && response.status !== 206) throw unreachable(url, `it answered ${response.status}`);
    const resumes = response.status === 206;
    if (resumes && !response.headers.get('content-range')?.startsWith(`bytes ${have}-`))
      throw damaged(url, 'it sent another part than was asked for');
    let reached = resumes ? have : 0;
    const file = await open(path, resumes ? 'a' : 'w');
    try {
      for await (const part of response.body ?? []) {
        reached += part.length;
        if (reached > size) throw damaged(url, `it sends more than the ${size} bytes that pack.json states`);
        // Neither our disk nor our caller is what is listened to.
        watch.rest();
        await file.writeFile(part);
        yield reached;
        watch.listen();
      }
    } finally {
      await file.close();
    }
    return 'the connection ended early';
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof GenerateError) {
      if (error.code === 'damaged-pack') await rm(path, { force: true });
      throw error;
    }
    // A full disk will not be better for trying again.
    if (/^E(NOSPC|ACCES|ROFS|DQUOT)$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return (error as Error).message;
  } finally {
    watch.rest();
  }
}

/** @throws Error saying why the connection failed, which `fetch` hides in a cause */
export async function ask(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  try {
    // `identity`: a compressed answer would have another length than the file.
    return await fetch(url, { headers: { ...headers, 'Accept-Encoding': 'identity' }, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    const { cause, message } = error as Error;
    throw new Error(cause instanceof Error ? cause.message : message, { cause: error });
  }
}

export const unreachable = (url: URL, why: string) =>
  new GenerateError(
    'unknown-pack',
    `"${url.href}" could not be fetched: ${why}. What is here is kept; the same command goes on.`,
  );
export const damaged = (url: URL, why: string) =>
  new GenerateError('damaged-pack', `"${url.href}" is not what it should be: ${why}.`);
