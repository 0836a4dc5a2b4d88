/**
 * Fetching a pack: pack.json first, then its files, each gone on with where an earlier try ended, checked against size and
 * SHA-256, and all of it in place at once or not at all. The other side may break off, lie about lengths or send other bytes.
 */
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256OfFile } from '../../models/onnx/hash.js';
import { Pack, type PackFile } from '../../models/pack.js';
import { GenerateError } from '../../models/protocol.js';
import { watchSilence } from './silence.js';

export type PullEvent =
  | { readonly type: 'progress'; readonly bytes: number; readonly total: number; readonly path: string }
  | { readonly type: 'done'; readonly folder: string; readonly pack: string };

export type PullOptions = {
  /** Address of a pack.json, or of the folder that holds it. */
  readonly url: string;
  /** Folder of packs; the pack goes into one of its own there, called by its id. */
  readonly into: string;
  readonly signal: AbortSignal;
  /** Milliseconds before each new try after the connection broke. */
  readonly retries?: readonly number[];
  /** Milliseconds in which something must come before the connection counts as broken. */
  readonly silence?: number;
};

const RETRIES = [500, 2000, 5000, 10_000] as const;
/** A mobile connection in a tunnel comes back within it. */
const SILENCE = 30_000;
/** The published recipes make 5 kB. */
const MAXIMUM_MANIFEST_BYTES = 4 * 2 ** 20;
/** @throws GenerateError `unknown-pack` when it can't be had, `damaged-pack` when it is not what it says it is */
export async function* pullPack({
  url,
  into,
  signal,
  retries = RETRIES,
  silence = SILENCE,
}: PullOptions): AsyncGenerator<PullEvent> {
  const manifest = manifestUrl(url);
  const text = await readManifest(manifest, signal, silence);
  const pack = parseManifest(text, manifest);
  const folder = join(into, pack.id);
  const present = await readFile(join(folder, 'pack.json'), 'utf8').catch(() => undefined);
  if (present === text) return yield { type: 'done', folder, pack: pack.id };
  if (present !== undefined)
    throw new GenerateError('unknown-pack', `Another pack "${pack.id}" is at "${folder}" already. Remove it first.`);

  const partial = `${folder}.partial`;
  // What was fetched for another version of the pack is worth nothing; its hashes would tell, but only at the end.
  const before = await readFile(join(partial, 'pack.json'), 'utf8').catch(() => undefined);
  if (before !== text) await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await writeFile(join(partial, 'pack.json'), text);

  const total = pack.files.reduce((sum, { size }) => sum + size, 0);
  let finished = 0;
  for (const file of pack.files) {
    for await (const bytes of fetchFile(new URL(file.path, manifest), file, partial, { signal, retries, silence }))
      yield { type: 'progress', bytes: finished + bytes, total, path: file.path };
    finished += file.size;
    yield { type: 'progress', bytes: finished, total, path: file.path };
  }
  await rename(partial, folder);
  yield { type: 'done', folder, pack: pack.id };
}

/** Only encrypted, unless it is this very machine. */
function manifestUrl(text: string): URL {
  const refuse = (why: string) => new GenerateError('unknown-pack', `"${text}" ${why}.`);
  if (!URL.canParse(text)) throw refuse('is no address and no name of the registry');
  const url = new URL(text);
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) throw refuse('does not begin with https');
  if (!url.pathname.endsWith('.json')) url.pathname = `${url.pathname.replace(/\/$/, '')}/pack.json`;
  return url;
}

async function readManifest(url: URL, signal: AbortSignal, silence: number): Promise<string> {
  const watch = watchSilence(signal, silence);
  watch.listen();
  try {
    const response = await ask(url, {}, watch.signal);
    if (response.status !== 200) throw unreachable(url, `it answered ${response.status}`);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body ?? []) {
      watch.listen();
      size += part.length;
      if (size > MAXIMUM_MANIFEST_BYTES) throw damaged(url, `it has more than ${MAXIMUM_MANIFEST_BYTES} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts).toString('utf8');
  } catch (error) {
    throw signal.aborted || error instanceof GenerateError ? error : unreachable(url, (error as Error).message);
  } finally {
    watch.rest();
  }
}

function parseManifest(text: string, url: URL): Pack {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw damaged(url, `it is not JSON (${(error as Error).message})`);
  }
  const parsed = Pack.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(url, `${issue?.path.join('.') || 'pack.json'}: ${issue?.message}`);
}

type Patience = { readonly [Key in 'signal' | 'retries' | 'silence']-?: NonNullable<PullOptions[Key]> };

/** Yields how many bytes of the file are here. */
async function* fetchFile(url: URL, file: PackFile, partial: string, patience: Patience): AsyncGenerator<number> {
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
async function ask(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  try {
    // `identity`: a compressed answer would have another length than the file.
    return await fetch(url, { headers: { ...headers, 'Accept-Encoding': 'identity' }, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    const { cause, message } = error as Error;
    throw new Error(cause instanceof Error ? cause.message : message, { cause: error });
  }
}

const unreachable = (url: URL, why: string) =>
  new GenerateError(
    'unknown-pack',
    `"${url.href}" could not be fetched: ${why}. What is here is kept; the same command goes on.`,
  );
const damaged = (url: URL, why: string) =>
  new GenerateError('damaged-pack', `"${url.href}" is not what it should be: ${why}.`);
