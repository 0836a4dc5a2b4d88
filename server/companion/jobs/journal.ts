/**
 * What was accepted, once more, in a plain file beside the store: should the store be damaged, the same requests give the same
 * pictures, so no accepted job is lost with it. A line for each job and a line for its end; jobs that were drawn within the last
 * minutes are kept as well, since their clients may not have fetched the pictures yet.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { appendFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import type { StoredJob } from './store.js';

/** Milliseconds that a drawn job is kept for. */
const KEPT_FOR = 10 * 60_000;
/** Of the drawn ones, so many at most: to draw them again should take minutes, not hours. */
const KEPT = 256;
/** Bytes of the file above which it is written anew with what still counts. A job has 500, with the longest prompt 30,000. */
const REWRITE_ABOVE = 4_000_000;

export type Journal = {
  /** Writes down a job that waits, or that it is over. */
  note(job: StoredJob): Promise<void>;
  forget(id: string): Promise<void>;
  /** Those that would be lost, oldest first, as they wait. */
  recall(): StoredJob[];
  written(): Promise<void>;
};

/** A job without what its run has made of it. */
const Waiting = z.object({
  id: z.string(),
  owner: z.string(),
  client: z.string(),
  session: z.string().nullable(),
  keep: z.boolean(),
  request: z.unknown(),
  created: z.number(),
});
const Line = z.union([
  z.strictObject({ job: Waiting }),
  z.strictObject({ over: z.string(), at: z.number() }),
  z.strictObject({ gone: z.string() }),
]);
type Line = z.infer<typeof Line>;
type Waiting = z.infer<typeof Waiting>;
type Entry = { readonly job: Waiting; drawn: number | null };

export function openJournal(path: string, now: () => number = Date.now): Journal {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const entries = new Map<string, Entry>();
  /** Those that are drawn, in the order of their ends; the file gives the same order again. */
  const ended = new Set<string>();
  let length = 0;
  let waiting: string[] = [];
  let writing: Promise<void> = Promise.resolve();
  for (const text of readLines(path)) {
    length += text.length;
    const line = parse(text);
    if (line) apply(line);
  }
  // Words of people are not kept longer than need be.
  if (length > 0) writing = rewrite().catch(() => undefined);

  function apply(line: Line): void {
    if ('job' in line) {
      // Begun again: it keeps its place.
      if (!entries.has(line.job.id)) entries.set(line.job.id, { job: line.job, drawn: null });
    } else if ('gone' in line) drop(line.gone);
    else {
      const entry = entries.get(line.over);
      if (!entry) return;
      entry.drawn = line.at;
      ended.add(line.over);
      const [oldest] = ended;
      if (ended.size > KEPT && oldest !== undefined) drop(oldest);
    }
  }

  function drop(id: string): void {
    entries.delete(id);
    ended.delete(id);
  }

  /** Lines that come while the disk is busy are written together. Each begins anew, whatever a full disk left of the one before. */
  function write(line: Line): Promise<void> {
    apply(line);
    waiting.push(JSON.stringify(line));
    writing = writing
      .catch(() => undefined)
      .then(async () => {
        if (waiting.length === 0) return;
        const text = `\n${waiting.join('\n')}`;
        waiting = [];
        length += text.length;
        if (length > REWRITE_ABOVE) await rewrite();
        else await appendFile(path, text, { mode: 0o600 });
      });
    return writing;
  }

  async function rewrite(): Promise<void> {
    prune();
    const lines: Line[] = [...entries.values()].map(({ job }) => ({ job }));
    for (const id of ended) lines.push({ over: id, at: entries.get(id)?.drawn ?? now() });
    const text = lines.map((line) => JSON.stringify(line)).join('\n');
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await rename(`${path}.new`, path);
    length = text.length;
  }

  function prune(): void {
    for (const id of ended) if (now() - (entries.get(id)?.drawn ?? 0) > KEPT_FOR) drop(id);
  }

  return {
    note(job) {
      if (job.state === 'waiting') return entries.has(job.id) ? Promise.resolve() : write({ job: Waiting.parse(job) });
      return write(job.state === 'done' ? { over: job.id, at: now() } : { gone: job.id });
    },
    forget: (id) => (entries.has(id) ? write({ gone: id }) : Promise.resolve()),
    recall() {
      prune();
      return [...entries.values()].map(({ job }) => ({
        ...job,
        state: 'waiting',
        finished: null,
        attempts: 0,
        bytes: 0,
      }));
    },
    written: () => writing.catch(() => undefined),
  };
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Undefined for what a full disk or the end of the process cut off. */
function parse(text: string): Line | undefined {
  try {
    return Line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
