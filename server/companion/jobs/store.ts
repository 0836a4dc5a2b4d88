/** Jobs as they are kept. A job's log is what its client was told, in order; pictures lie beside it as they are. */
import type { GenerateEvent } from '../../../models/protocol.js';

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

/** Where jobs are kept: on this machine's disk (lmdb-store.ts), or for several machines (server/queue). What writes fails with a StorageError when the disk does not take it; nothing of that write is there then. */
export type JobStore = {
  put(job: StoredJob): Promise<void>;
  append(id: string, number: number, event: LoggedEvent): Promise<void>;
  get(id: string): Promise<StoredJob | undefined>;
  log(id: string): Promise<LoggedEvent[]>;
  /** The log without the pictures' bytes, for lists. */
  outline(id: string): Promise<Bare<LoggedEvent>[]>;
  /** The finished picture of this index. */
  picture(id: string, index: number): Promise<Uint8Array | undefined>;
  thumbnail(id: string, index: number): Promise<Uint8Array | undefined>;
  putThumbnail(id: string, index: number, bytes: Uint8Array): Promise<void>;
  /** Newest first, from before the job `before`. */
  list(owner: string, options: { before?: string | undefined; limit: number }): Promise<StoredJob[]>;
  /** Those of this program that are not over, oldest first. */
  waiting(): Promise<StoredJob[]>;
  remove(id: string): Promise<void>;
  /** Removes finished jobs that are too old, then the oldest until the rest fits. @returns how many */
  sweep(limits: { age: number; bytes: number }, now: number): Promise<number>;
  close(): Promise<void>;
};

export function createJobId(now: number): string {
  const chance = Buffer.from(crypto.getRandomValues(new Uint8Array(10))).toString('hex');
  return `job_${now.toString(16).padStart(12, '0')}${chance}`;
}
