/** One companion for each data folder: a lock says that there is one (lock.ts), a note where it listens. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { Health } from '../../models/api.js';
import { lockFolder } from './lock.js';

const Note = z.object({ process: z.number().int(), port: z.number().int() });
type Note = z.infer<typeof Note>;

export type Instance = {
  /** Writes down the port that was found. */
  announce(port: number): Promise<void>;
  release(): Promise<void>;
};

export type Taken =
  | { readonly runningAt: number }
  /** Somebody has the folder and does not answer: a process that was stopped, or hangs. Its number, where it is known. */
  | { readonly silent: number | null };

/** Milliseconds that another one may take to start or to end, and between two looks at it. */
const PATIENCE = { starting: 10_000, pause: 200 } as const;

/**
 * @param folder is there
 * @returns our place, or what is known of the companion that has it
 */
export async function takeInstance(folder: string, patience: number = PATIENCE.starting): Promise<Instance | Taken> {
  const path = join(folder, 'running.json');
  const until = Date.now() + patience;
  for (;;) {
    const lock = await lockFolder(folder);
    if (lock) {
      // What the note says is of one that was killed.
      await rm(path, { force: true });
      return {
        async announce(port) {
          const note: Note = { process: process.pid, port };
          await writeFile(`${path}.new`, JSON.stringify(note), { mode: 0o600 });
          await rename(`${path}.new`, path);
        },
        async release() {
          await rm(path, { force: true });
          await lock.release();
        },
      };
    }
    const note = await readNote(path);
    if (note && (await isCompanion(note.port))) return { runningAt: note.port };
    if (Date.now() > until) return { silent: note?.process ?? null };
    await delay(PATIENCE.pause);
  }
}

/** @returns the port of the companion that has this folder; null where none runs */
export async function findRunning(folder: string): Promise<number | null> {
  const note = await readNote(join(folder, 'running.json'));
  return note && (await isCompanion(note.port)) ? note.port : null;
}

async function readNote(path: string): Promise<Note | null> {
  try {
    return Note.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

/** Whether what answers on a port of this machine is one of ours. */
export async function isCompanion(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(1000) });
    return Health.safeParse(await answer.json()).success;
  } catch {
    return false;
  }
}
