/** One of the ports that the plugin's manifest names: a panel in Figma's frames may ask no other. */
import { createServer } from 'node:net';
import { PORTS } from '../../models/api.js';
import { isCompanion } from '../../server/companion/instance.js';

/** @throws when a companion of somebody else answers on one of them, which a panel would take for this test's, or when programs have all of them */
export async function findManifestPort(): Promise<number> {
  let free: number | null = null;
  for (const port of PORTS) {
    if (await isFree(port)) free ??= port;
    else if (await isCompanion(port))
      throw new Error(
        `a companion answers on port ${port} already, and the panel would ask that one: close it and run the test again`,
      );
  }
  if (free === null) throw new Error(`all of the ports ${PORTS.join(', ')} are taken`);
  return free;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .on('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
