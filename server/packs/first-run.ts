/**
 * Which packs were seen to draw, and which failed when they were first tried: those are never what is drawn with where nobody names a pack. A
 * note lies in the cache for each folder; one whose process is gone in the middle tells of a crash.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod/mini';
import { isAlive } from '../../models/import/alive.js';
import { type Engine, type ErrorCode, GenerateError } from '../../models/protocol.js';
import { cacheFolder } from './places.js';

const Note = z.strictObject({
  /** Which pack.json it is about. */
  stamp: z.string(),
  outcome: z.enum(['trying', 'draws', 'fails']),
  /** Of the process that tries. */
  pid: z.int(),
});
type Note = z.infer<typeof Note>;

/** What a pack is to blame for; that there is no engine, or that somebody stopped it, is not. */
const BLAMED: ReadonlySet<ErrorCode> = new Set(['damaged-pack', 'engine-failed', 'out-of-memory']);

/** Whether it failed when it was first tried, and was not seen to draw since. */
export async function hasFailed(folder: string): Promise<boolean> {
  const note = await read(folder);
  return note?.outcome === 'fails' || (note?.outcome === 'trying' && note.pid !== process.pid && !isAlive(note.pid));
}

export type FirstRun = {
  /** @param code why there is no picture; null when there is one */
  end(code: ErrorCode | null): Promise<void>;
};

/** A cache that can't be written only forgets. */
export async function beginRun(folder: string): Promise<FirstRun> {
  const before = await read(folder);
  if (before?.outcome === 'draws') return { end: async () => {} };
  await write(folder, 'trying');
  return {
    async end(code) {
      if (code === null) return write(folder, 'draws');
      if (BLAMED.has(code)) return write(folder, 'fails');
      // Nothing was found out.
      if (before?.outcome === 'fails') return write(folder, 'fails');
      await rm(pathOf(folder), { force: true }).catch(() => undefined);
    },
  };
}

/** The engine, with a note of what became of each pack. */
export function noteFirstRuns(engine: Engine, folderOf: (pack: string) => Promise<string>): Engine {
  return async function* (request, signal) {
    const folder = await folderOf(request.pack).catch(() => undefined);
    const run = folder === undefined ? undefined : await beginRun(folder);
    // Whoever leaves in the middle has found nothing out.
    let code: ErrorCode | null = 'cancelled';
    try {
      for await (const event of engine(request, signal)) {
        if (event.type === 'done') code = null;
        if (event.type === 'error') code = event.code;
        yield event;
      }
    } catch (error) {
      code = error instanceof GenerateError ? error.code : 'engine-failed';
      throw error;
    } finally {
      await run?.end(code);
    }
  };
}

const pathOf = (folder: string) =>
  join(cacheFolder(), 'first-runs', `${createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 32)}.json`);

/** Changes when the pack is replaced. */
async function stampOf(folder: string): Promise<string> {
  const found = await stat(join(folder, 'pack.json')).catch(() => undefined);
  return found ? `${found.ino} ${found.mtimeMs} ${found.size}` : '';
}

async function read(folder: string): Promise<Note | undefined> {
  try {
    const note = Note.parse(JSON.parse(await readFile(pathOf(folder), 'utf8')));
    return note.stamp === (await stampOf(folder)) ? note : undefined;
  } catch {
    return undefined;
  }
}

async function write(folder: string, outcome: Note['outcome']): Promise<void> {
  const path = pathOf(folder);
  const note: Note = { stamp: await stampOf(folder), outcome, pid: process.pid };
  await mkdir(dirname(path), { recursive: true })
    .then(() => writeFile(`${path}.${process.pid}`, JSON.stringify(note)))
    .then(() => rename(`${path}.${process.pid}`, path))
    .catch(() => undefined);
}
