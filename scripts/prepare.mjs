/** Brings a checkout up to date: installs, then builds, each only when it is missing or stale. */
import { build, isBuilt } from './build.mjs';
import { install, isInstalled } from './install.mjs';
import { withLock } from './lock.mjs';
import { inRoot } from './paths.mjs';

/**
 * @param {{ packages: import('./install.mjs').PackageSet, build: boolean | 'always' }} needs
 */
export async function prepare(needs) {
  const isReady = () => isInstalled(needs.packages) && (!needs.build || isBuilt());
  // The usual case takes no lock and a few milliseconds.
  if (needs.build !== 'always' && isReady()) return;
  await withLock(
    inRoot('.setup.lock'),
    async (lock) => {
      if (!isInstalled(needs.packages)) await install(needs.packages, lock.child);
      if (needs.build === 'always' || (needs.build && !isBuilt())) await build();
    },
    (holder) => console.error(`Another setup is at work here (${holder}); waiting for it.`),
  );
}
