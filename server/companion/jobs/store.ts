/**
 * Jobs on disk, in LMDB: a write is there whole or not at all, whatever happens to the process or the machine, and other
 * processes may read meanwhile. A job's log is what its client was told, in order; pictures lie beside it as they are.
 */
import { dirname } from 'node:path';
import type { GenerateEvent } from '../../../models/protocol.js';
import { written } from '../../node/storage.js';
import { type OpenOptions, openSoundStore } from '../lmdb/sound-store.js';
import { openContents } from './contents.js';
import { openJournal } from './journal.js';

export type JobState = 'waiting' | 'done' | 'failed' | 'cancelled';

export type StoredJob = {
  /** `job_`, 12 hexadecimal digits of the time in milliseconds, 20 of chance: ids sort by age. */
  readonly id: string;
  /** Whose it is: the id of a token. Nobody else sees it. */
  readonly owner: string;
  /** Who takes turns: the owner, or one of the users that it names. */
  readonly client: string;
  readonly session: string | null;
  readonly keep: boolean;
  /** A GenerateRequest of any version, as it was accepted: the one who reads it goes through `upgradeRequest`. */
  readonly request: unknown;
  /** `waiting` until the last event; what a crash leaves waiting runs again. */
  readonly state: JobState;
  readonly created: number;
  readonly finished: number | null;
  /** How often it was begun. */
  readonly attempts: number;
  /** Bytes of its pictures. */
  readonly bytes: number;
};

/** What a job's log keeps. Progress is only told. */
export type LoggedEvent = Exclude<GenerateEvent, { type: 'progress' }>;

/** Without the bytes of pictures. */
export type Bare<T> = T extends { bytes: Uint8Array } ? Omit<T, 'bytes'> : T;

/** What writes fails with a StorageError when the disk does not take it; nothing of that write is there then. */
export type JobStore = {
  put(job: StoredJob): Promise<void>;
  append(id: string, number: number, event: LoggedEvent): Promise<void>;
  get(id: string): StoredJob | undefined;
  log(id: string): LoggedEvent[];
  /** The log without the pictures' bytes, for lists. */
  outline(id: string): Bare<LoggedEvent>[];
  /** The finished picture of this index. */
  picture(id: string, index: number): Uint8Array | undefined;
  thumbnail(id: string, index: number): Uint8Array | undefined;
  putThumbnail(id: string, index: number, bytes: Uint8Array): Promise<void>;
  /** Newest first, from before the job `before`. */
  list(owner: string, options: { before?: string | undefined; limit: number }): StoredJob[];
  /** Oldest first. */
  waiting(): StoredJob[];
  remove(id: string): Promise<void>;
  /** Removes finished jobs that are too old, then the oldest until the rest fits. @returns how many */
  sweep(limits: { age: number; bytes: number }, now: number): Promise<number>;
  close(): Promise<void>;
};

export function createJobId(now: number): string {
  const chance = Buffer.from(crypto.getRandomValues(new Uint8Array(10))).toString('hex');
  return `job_${now.toString(16).padStart(12, '0')}${chance}`;
}

/** @param folder is made when it is not there; beside it lies the journal, from which a damaged store gets its jobs back */
export function openJobStore(folder: string, options: OpenOptions = {}): JobStore {
  let damaged = false;
  const root = openSoundStore(folder, {
    ...options,
    onDamage:
      options.onDamage &&
      ((...damage) => {
        damaged = true;
        options.onDamage?.(...damage);
      }),
  });
  const journal = openJournal(`${folder}.journal`);
  const jobs = root.openDB<StoredJob, string>({ name: 'jobs' });
  const owners = root.openDB<true, [string, string]>({ name: 'owners' });
  const events = root.openDB<Bare<LoggedEvent>, [string, number]>({ name: 'events' });
  const contents = openContents(root);

  const outline = (id: string) => [...events.getRange({ start: [id, 0], end: [id, Number.MAX_SAFE_INTEGER] })];
  const numberOf = (id: string, index: number) =>
    outline(id).find(({ value }) => value.type === 'picture' && value.index === index)?.key[1];

  /** All writes or none. */
  const commit = (writes: () => unknown): Promise<void> =>
    written(
      root.transaction(() => void writes()),
      folder,
    );

  /** Part of a commit. @returns bytes that became free */
  function drop({ id, owner }: StoredJob): number {
    const range = { start: [id, 0] as [string, number], end: [id, Number.MAX_SAFE_INTEGER] as [string, number] };
    for (const key of [...events.getKeys(range)]) events.remove(key);
    owners.remove([owner, id]);
    jobs.remove(id);
    return contents.release(id);
  }

  const journalled = (write: Promise<void>) => written(write, dirname(folder));

  if (damaged)
    for (const job of journal.recall()) {
      jobs.putSync(job.id, job);
      owners.putSync([job.owner, job.id], true);
    }

  return {
    async put(job) {
      await Promise.all([
        commit(() => [jobs.put(job.id, job), owners.put([job.owner, job.id], true)]),
        journalled(journal.note(job)),
      ]);
    },
    append: (id, number, event) =>
      commit(() => {
        if (!('bytes' in event)) return [events.put([id, number], event)];
        const { bytes, ...bare } = event;
        contents.put(id, number, bytes);
        return [events.put([id, number], bare)];
      }),
    get: (id) => jobs.get(id),
    log: (id) =>
      outline(id).map(({ key: [, number], value }) => {
        if (value.type !== 'picture' && value.type !== 'draft') return value;
        const bytes = contents.get(id, number);
        if (!bytes) throw new Error(`event ${number} of ${id} has lost its picture`);
        return { ...value, bytes };
      }),
    outline: (id) => outline(id).map(({ value }) => value),
    picture(id, index) {
      const number = numberOf(id, index);
      return number === undefined ? undefined : contents.get(id, number);
    },
    thumbnail(id, index) {
      const number = numberOf(id, index);
      return number === undefined ? undefined : contents.thumbnail(id, number);
    },
    async putThumbnail(id, index, bytes) {
      const number = numberOf(id, index);
      if (number !== undefined) await commit(() => contents.putThumbnail(id, number, bytes));
    },
    list(owner, { before, limit }) {
      const keys = owners.getKeys({
        start: [owner, before ?? 'job_~'],
        end: [owner, ''],
        reverse: true,
        limit: limit + 1,
      });
      return [...keys].flatMap(([, id]) => (id === before ? [] : (jobs.get(id) ?? []))).slice(0, limit);
    },
    waiting: () => [...jobs.getRange({})].flatMap(({ value }) => (value.state === 'waiting' ? [value] : [])),
    async remove(id) {
      const job = jobs.get(id);
      if (job) await commit(() => drop(job));
      await journalled(journal.forget(id));
    },
    async sweep({ age, bytes }, now) {
      const finished = [...jobs.getRange({})].flatMap(({ value }) => (value.state === 'waiting' ? [] : [value]));
      // Pictures that several jobs have count once.
      let total = contents.size();
      const removed: string[] = [];
      await commit(() => {
        for (const job of finished) {
          if (now - (job.finished ?? now) <= age && total <= bytes) continue;
          total -= drop(job);
          removed.push(job.id);
        }
      });
      await Promise.all(removed.map((id) => journalled(journal.forget(id))));
      return removed.length;
    },
    async close() {
      await journal.written();
      await root.close();
    },
  };
}
