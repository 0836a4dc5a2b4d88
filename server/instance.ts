/** One companion for each data folder: a note of who runs and where, so that a second start finds the first. */
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { Health } from '../models/api.js';
import { isAlive } from '../models/import/alive.js';

const Note = z.object({ process: z.number().int(), port: z.number().int() });

export type Instance = {
  /** Writes down the port that was found. */
  announce(port: number): Promise<void>;
  release(): Promise<void>;
};

/**
 * @param folder is there
 * @returns our place, or the port of the companion that has it
 */
export async function takeInstance(folder: string): Promise<Instance | { readonly runningAt: number }> {
  const path = join(folder, 'running.json');
  for (;;) {
    // "wx" fails when the file is there, so of two that start together one wins.
    const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
      return null;
    });
    if (file) {
      const write = async (port: number) => {
        const text = JSON.stringify({ process: process.pid, port });
        await file.truncate(0);
        await file.write(text, 0);
      };
      await write(0);
      return {
        announce: write,
        async release() {
          await file.close();
          await rm(path, { force: true });
        },
      };
    }
    const port = await findRunning(path);
    if (port !== null) return { runningAt: port };
    await rm(path, { force: true });
  }
}

/** The port of the one that wrote the note; null when it runs no more. */
async function findRunning(path: string): Promise<number | null> {
  // It may be starting: it has its place, but no port yet.
  for (let tries = 0; tries < 25; tries++) {
    const note = await readNote(path);
    if (!note || !isAlive(note.process)) return null;
    if (note.port !== 0 && (await isCompanion(note.port))) return note.port;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  // Another program has the process number of one that was killed.
  return null;
}

async function readNote(path: string): Promise<z.infer<typeof Note> | null> {
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
