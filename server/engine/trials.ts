/** Notes on disk of which provider is being tried: a note that is still there at the next start tells of a crash. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../packs/places.js';
import type { System, Trials } from './ladder.js';
import type { Provider } from './messages.js';

/** A crash is remembered for so long; drivers get better. */
const FORGET_AFTER = 7 * 86_400_000;

export function createTrials(now: () => number = Date.now): Trials {
  const note = (provider: Provider) => join(cacheFolder(), 'trials', provider);
  return {
    async died(provider) {
      // Without the CPU there is nothing left, so it is always tried.
      if (provider === 'cpu') return false;
      const found = await stat(note(provider)).catch(() => undefined);
      if (!found || now() - found.mtimeMs >= FORGET_AFTER) return false;
      // Somebody else may be trying at this very moment.
      const tester = Number(await readFile(note(provider), 'utf8').catch(() => ''));
      return !(tester !== process.pid && isRunning(tester));
    },
    async begin(provider) {
      await mkdir(join(cacheFolder(), 'trials'), { recursive: true })
        .then(() => writeFile(note(provider), `${process.pid}\n`))
        .catch(() => undefined); // A cache that can't be written only forgets.
    },
    end: (provider) => rm(note(provider), { force: true }).catch(() => undefined),
  };
}

/** @param id of a process of this machine */
function isRunning(id: number): boolean {
  if (!Number.isSafeInteger(id) || id <= 0) return false;
  try {
    return process.kill(id, 0);
  } catch (error) {
    // There, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export function thisSystem(): System {
  const { platform, arch, env } = process;
  const nvidia = existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidia0');
  // Render nodes of the kernel; or a driver that somebody named, such as a software one.
  const vulkan = nvidia || existsSync('/dev/dri') || env['VK_DRIVER_FILES'] !== undefined;
  return { platform, arch, nvidia, vulkan };
}
