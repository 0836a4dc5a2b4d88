/**
 * LMDB environments that are looked at before they are mapped (check.ts): a damaged one is set aside, and a fresh one takes its place.
 * Looking costs a few milliseconds for each thousand pictures, since of a picture only its first bytes are read.
 */
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { findDamage } from './check.js';

export type OpenOptions = {
  /**
   * Only whoever has the folder to himself may look, since pages change under a reader.
   * @param aside where the damaged store lies now
   */
  readonly onDamage?: ((aside: string, what: string) => void) | undefined;
  readonly now?: (() => number) | undefined;
};

/** @param folder is made when it is not there */
export function openSoundStore(folder: string, { onDamage, now = Date.now }: OpenOptions): RootDatabase {
  if (onDamage) setAsideDamaged(folder, onDamage, now());
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return open({ path: folder, noSubdir: false });
}

function setAsideDamaged(folder: string, onDamage: NonNullable<OpenOptions['onDamage']>, now: number): void {
  const data = join(folder, 'data.mdb');
  if (!existsSync(data)) return;
  const what = statSync(data).size === 0 ? 'it is empty' : findDamage(data);
  if (what === null) return;
  const day = new Date(now).toISOString().slice(0, 19).replaceAll(':', '-');
  const free = (copy: number): string => {
    const path = `${folder}-damaged-${day}${copy === 1 ? '' : `-${copy}`}`;
    return existsSync(path) ? free(copy + 1) : path;
  };
  const aside = free(1);
  renameSync(folder, aside);
  onDamage(aside, what);
}
