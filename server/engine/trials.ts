/** Notes on disk of which provider is being tried, and by which process: a note whose process is gone tells of a crash. */
import { existsSync, rmSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../../models/import/alive.js';
import { cacheFolder } from '../packs/places.js';
import type { Provider } from './messages.js';
import type { System, Trials } from './select-provider.js';

/** A crash is remembered for so long; drivers get better. */
const FORGET_AFTER = 7 * 86_400_000;

export type NotedTrials = Trials & {
  /** Takes back the note of what is being tried: somebody else ended this process, and the provider is not to blame. */
  abandon(): void;
};

export function createTrials(now: () => number = Date.now): NotedTrials {
  const note = (provider: Provider) => join(cacheFolder(), 'trials', provider);
  let trying: Provider | undefined;
  return {
    async died(provider) {
      // Without the CPU there is nothing left, so it is always tried.
      if (provider === 'cpu') return false;
      const found = await stat(note(provider)).catch(() => undefined);
      if (!found || now() - found.mtimeMs >= FORGET_AFTER) return false;
      // Somebody else may be trying at this very moment.
      const tester = Number(await readFile(note(provider), 'utf8').catch(() => ''));
      return tester === process.pid || !isAlive(tester);
    },
    async begin(provider) {
      trying = provider;
      await mkdir(join(cacheFolder(), 'trials'), { recursive: true })
        .then(() => writeFile(note(provider), `${process.pid}\n`))
        .catch(() => undefined); // A cache that can't be written only forgets.
    },
    async end(provider) {
      trying = undefined;
      await rm(note(provider), { force: true }).catch(() => undefined);
    },
    abandon() {
      if (!trying) return;
      try {
        rmSync(note(trying), { force: true });
      } catch {
        // A cache that can't be written has no note either.
      }
    },
  };
}

export function thisSystem(): System {
  const { platform, arch, env } = process;
  const nvidia = existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidia0');
  // Render nodes of the kernel; or a driver that somebody named, such as a software one.
  const vulkan = nvidia || existsSync('/dev/dri') || env['VK_DRIVER_FILES'] !== undefined;
  return { platform, arch, nvidia, vulkan };
}
