/** One of the ports that the plugin's manifest names: a panel in Figma's frames may ask no other. */
import { createServer } from 'node:net';
import { PORTS } from '../../models/api.js';

/** @throws when programs of this machine have all of them */
export async function findManifestPort(): Promise<number> {
  for (const port of PORTS) if (await isFree(port)) return port;
  throw new Error(`all of the ports ${PORTS.join(', ')} are taken`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .on('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
