/**
 * A pack from somewhere into the store: each file gone on with where an earlier try ended, checked against size and SHA-256, and
 * the pack there at once or not at all. The other side may break off, lie about lengths or send other bytes.
 */
import { isGraph, Pack } from '../../../models/families/packs.js';
import type { PackFile } from '../../../models/pack.js';
import { GenerateError } from '../../../models/protocol.js';
import { checkGraph } from '../../../models/run/graph-check.js';
import type { Store } from './store.js';

/** Bytes of the pack that are here, and of the whole pack. */
export type Progress = { readonly bytes: number; readonly total: number };

/** Milliseconds before each new try after the connection broke without bringing anything. */
const RETRIES = [500, 2000, 5000] as const;
/** The published recipes make 5 kB. */
const MAXIMUM_MANIFEST_BYTES = 4 * 2 ** 20;
/** WASM ends at 4 GiB, and a graph lies in memory twice while it is loaded; browsers give no longer array of a file either. */
const MAXIMUM_FILE_BYTES = 2 ** 31 - 1;

export type Opened = {
  readonly name: string;
  /** Yields bytes from `start` on; says first where they really begin. */
  read(start: number): Promise<{ readonly start: number; readonly body: ReadableStream<Uint8Array<ArrayBuffer>> }>;
};

/**
 * @param folder address of the pack on the page's own host, with a slash at its end
 * @throws GenerateError `damaged-pack` when it is not what it says it is, `engine-unavailable` when it can't be had or kept
 */
export async function* fetchPack(
  store: Store,
  id: string,
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<Progress> {
  const manifest = `${folder}pack.json`;
  const pack = await readManifest(manifest, signal);
  if (pack.id !== id) throw damaged(manifest, `it is of the pack "${pack.id}"`);
  yield* keepPack(store, pack, (file) => remote(`${folder}${file.path}`, signal), signal);
}

/** Files that the person dropped: the folder of a pack. */
export async function* addPack(
  store: Store,
  files: readonly { readonly path: string; readonly file: Blob }[],
  signal: AbortSignal,
): AsyncGenerator<Progress> {
  const manifest = files.find(({ path }) => /(^|\/)pack\.json$/.test(path));
  if (!manifest)
    throw new GenerateError('damaged-pack', 'There is no pack.json among these files. Drop the whole folder.');
  const root = manifest.path.slice(0, -'pack.json'.length);
  const pack = parseManifest(await manifest.file.slice(0, MAXIMUM_MANIFEST_BYTES).text(), manifest.path);
  yield* keepPack(
    store,
    pack,
    ({ path }) => {
      const found = files.find((one) => one.path === root + path);
      if (!found) throw damaged(path, 'it is missing');
      return {
        name: path,
        read: async (start) => ({ start, body: found.file.slice(start).stream() as ReadableStream }),
      };
    },
    signal,
  );
}

async function* keepPack(
  store: Store,
  pack: Pack,
  open: (file: PackFile) => Opened,
  signal: AbortSignal,
): AsyncGenerator<Progress> {
  const total = pack.files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of pack.files)
    if (size > MAXIMUM_FILE_BYTES) throw damaged(path, `with ${size} bytes it is too long for a browser`);
  await checkRoom(store, pack, total);
  const verified = new Set((await store.packs()).flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
  let finished = 0;
  for (const file of pack.files) {
    const known = verified.has(file.sha256) && (await store.size(file)) === file.size;
    if (!known)
      for await (const bytes of keepFile(store, file, open(file), signal)) yield { bytes: finished + bytes, total };
    if (!known && isGraph(pack, file.path)) await checkKept(store, file);
    finished += file.size;
    yield { bytes: finished, total };
  }
  await store.record(pack);
}

/** A hash says that it is the file of the pack, not that the pack means well. */
async function checkKept(store: Store, file: PackFile): Promise<void> {
  try {
    checkGraph(await store.read(file), file.path);
  } catch (error) {
    await store.remove(file);
    throw error;
  }
}

/** Said before the download, not at its end. */
async function checkRoom(store: Store, pack: Pack, total: number): Promise<void> {
  const { quota, usage } = await navigator.storage.estimate();
  let here = 0;
  for (const file of pack.files) here += await store.size(file);
  if (quota !== undefined && total - here > quota - (usage ?? 0))
    throw new GenerateError(
      'engine-unavailable',
      `The browser’s storage is full: ${pack.name} needs ${megabytes(total - here)}, and ${megabytes(Math.max(0, quota - (usage ?? 0)))} are free. Erase a model that you do not need.`,
    );
}

/** Yields how many bytes of the file are here. */
async function* keepFile(store: Store, file: PackFile, from: Opened, signal: AbortSignal): AsyncGenerator<number> {
  for (let attempt = 0; ; ) {
    const writing = await store.append(file);
    const have = writing.size;
    let reason = 'the connection ended early';
    try {
      if (have > file.size) writing.restart();
      if (writing.size < file.size) yield* receive(writing, file, from, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof GenerateError) {
        if (error.code === 'damaged-pack') writing.restart();
        throw error;
      }
      reason = (error as Error).message;
    } finally {
      writing.close();
    }
    const now = await store.size(file);
    if (now === file.size) break;
    // As long as something comes, patience costs nothing.
    if (now > have) attempt = 0;
    const pause = RETRIES[attempt++];
    if (pause === undefined) throw unreachable(from.name, reason);
    await new Promise((resolve) => setTimeout(resolve, pause));
    signal.throwIfAborted();
  }
  const digest = await crypto.subtle.digest('SHA-256', await store.read(file));
  const hexadecimal = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hexadecimal === file.sha256) return;
  await store.remove(file);
  throw damaged(from.name, 'its content is not what pack.json states; what was fetched of it is thrown away');
}

/** One try. */
async function* receive(
  writing: Awaited<ReturnType<Store['append']>>,
  { size }: PackFile,
  from: Opened,
  signal: AbortSignal,
): AsyncGenerator<number> {
  const { start, body } = await from.read(writing.size);
  if (start !== writing.size) writing.restart();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      if (writing.size + value.length > size)
        throw damaged(from.name, `it sends more than the ${size} bytes that pack.json states`);
      writing.write(value);
      yield writing.size;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function remote(url: string, signal: AbortSignal): Opened {
  return {
    name: url,
    async read(have) {
      const range: Record<string, string> = have > 0 ? { Range: `bytes=${have}-` } : {};
      const response = await fetch(url, { headers: range, signal, cache: 'no-store' });
      if (!response.ok || !response.body) throw unreachable(url, `it answered ${response.status}`);
      if (response.status !== 206) return { start: 0, body: response.body };
      // A host on another origin may hide the header; size and hash tell in the end.
      const stated = response.headers.get('content-range');
      if (stated !== null && !stated.startsWith(`bytes ${have}-`))
        throw damaged(url, 'it sent another part than was asked for');
      return { start: have, body: response.body };
    },
  };
}

async function readManifest(url: string, signal: AbortSignal): Promise<Pack> {
  // What it says is believed, so it comes from this host itself; files are compared with it, wherever the host keeps them.
  const response = await fetch(url, { signal, mode: 'same-origin' }).catch((error: Error) => {
    signal.throwIfAborted();
    throw unreachable(url, error.message);
  });
  if (!response.ok) throw unreachable(url, `it answered ${response.status}`);
  let text = '';
  const decoder = new TextDecoder();
  for (const reader = response.body?.getReader(); reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    if (text.length > MAXIMUM_MANIFEST_BYTES) {
      await reader.cancel();
      throw damaged(url, `it has more than ${MAXIMUM_MANIFEST_BYTES} bytes`);
    }
  }
  return parseManifest(text, url);
}

function parseManifest(text: string, name: string): Pack {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw damaged(name, `it is not JSON (${(error as Error).message})`);
  }
  const parsed = Pack.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(name, `${issue?.path.join('.') || 'pack.json'}: ${issue?.message}`);
}

const unreachable = (name: string, why: string) =>
  new GenerateError(
    'engine-unavailable',
    `"${name}" could not be fetched: ${why}. What is here is kept; the next try goes on.`,
  );
const damaged = (name: string, why: string) =>
  new GenerateError('damaged-pack', `"${name}" is not what it should be: ${why}.`);
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
