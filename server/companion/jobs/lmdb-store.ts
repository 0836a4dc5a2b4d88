/**
 * Jobs on disk, in LMDB: a write is there whole or not at all, whatever happens to the process or the machine, and other
 * processes may read meanwhile.
 */
import { dirname } from 'node:path';
import { StorageError, written } from '../../node/storage.js';
import { type OpenOptions, openSoundStore } from '../lmdb/sound-store.js';
import { openContents } from './contents.js';
import { openJournal } from './journal.js';
import type { Bare, JobStore, LoggedEvent, StoredJob } from './store.js';

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

  let closed = false;
  /** LMDB does not forgive being read when it is closed, and a client's request may be under way still. */
  async function read<T>(what: () => T): Promise<T> {
    if (closed) throw new StorageError('The store of jobs is closed: Twostep is ending.');
    return what();
  }

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
    get: (id) => read(() => jobs.get(id)),
    log: (id) =>
      read(() =>
        outline(id).map(({ key: [, number], value }) => {
          if (value.type !== 'picture' && value.type !== 'draft') return value;
          const bytes = contents.get(id, number);
          if (!bytes) throw new Error(`event ${number} of ${id} has lost its picture`);
          return { ...value, bytes };
        }),
      ),
    outline: (id) => read(() => outline(id).map(({ value }) => value)),
    picture: (id, index) =>
      read(() => {
        const number = numberOf(id, index);
        return number === undefined ? undefined : contents.get(id, number);
      }),
    thumbnail: (id, index) =>
      read(() => {
        const number = numberOf(id, index);
        return number === undefined ? undefined : contents.thumbnail(id, number);
      }),
    async putThumbnail(id, index, bytes) {
      const number = numberOf(id, index);
      if (number !== undefined) await commit(() => contents.putThumbnail(id, number, bytes));
    },
    list: (owner, { before, limit }) =>
      read(() => {
        const keys = owners.getKeys({
          start: [owner, before ?? 'job_~'],
          end: [owner, ''],
          reverse: true,
          limit: limit + 1,
        });
        return [...keys].flatMap(([, id]) => (id === before ? [] : (jobs.get(id) ?? []))).slice(0, limit);
      }),
    waiting: () =>
      read(() => [...jobs.getRange({})].flatMap(({ value }) => (value.state === 'waiting' ? [value] : []))),
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
      closed = true;
      await journal.written();
      await root.close();
    },
  };
}
