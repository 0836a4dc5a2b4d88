/** Where packs and small records of ours lie on this system. */
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

export type System = {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
};

export const thisSystem = (): System => ({ platform: process.platform, environment: process.env, home: homedir() });

/** The person's own packs: where `twostep import` puts them unless told otherwise. */
export function ownPacks({ platform, environment, home }: System): string {
  if (platform === 'win32')
    return join(environment['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'Twostep', 'packs');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Twostep', 'packs');
  return join(environment['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'twostep', 'packs');
}

/** What can be lost without harm. */
export function cacheFolder({ platform, environment, home }: System): string {
  if (platform === 'win32') return join(environment['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'Twostep', 'cache');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'Twostep');
  return join(environment['XDG_CACHE_HOME'] || join(home, '.cache'), 'twostep');
}

/**
 * Folders whose children are packs, in the order of preference: TWOSTEP_PACKS (a list like PATH), the person's own, the
 * ones that came with the program.
 * @param shipped folder of the packs that came with the program
 */
export function packFolders(system: System, shipped: string): string[] {
  const named = (system.environment['TWOSTEP_PACKS'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...named.map((folder) => resolve(folder)), ownPacks(system), shipped];
}
