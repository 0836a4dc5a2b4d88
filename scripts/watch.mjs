/**
 * `npm run build -- --watch`: builds again when a source changes, and the playgrounds that are open load again. Figma reloads
 * a development plugin by itself when its files change.
 */
import { watch as watchFolder } from 'node:fs';
import { createServer } from 'node:http';
import { build } from './build.mjs';
import { SetupError } from './child.mjs';
import { inRoot } from './paths.mjs';

const FOLDERS = ['plugin', 'ui', 'server', 'models'];
const SOURCE = /\.(ts|tsx|mjs|css|html|json)$/;
/** Editors write a file in several goes. Milliseconds. */
const PAUSE = 100;

/** Never ends by itself; Ctrl-C does. @returns {Promise<never>} */
export async function watch() {
  const bell = await createBell();
  const again = async () => {
    try {
      await build({ bell: bell.url });
      bell.ring();
    } catch (error) {
      // A source that is half written: the next change may mend it.
      if (!(error instanceof SetupError)) throw error;
      console.error(error.message);
    }
  };
  let building = again();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  for (const folder of FOLDERS)
    watchFolder(inRoot(folder), { recursive: true }, (_, name) => {
      if (!SOURCE.test(name ?? '')) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        building = building.then(again);
      }, PAUSE);
    });
  await building;
  console.log('Watching. The companion keeps the code it was started with; playgrounds load again by themselves.');
  return new Promise(() => {});
}

/** Tells pages that there is something new: server-sent events on a port of its own, for pages of any origin on this machine. */
export async function createBell() {
  /** @type {Set<import('node:http').ServerResponse>} */
  const listeners = new Set();
  const server = createServer((request, response) => {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'Access-Control-Allow-Origin': '*',
    });
    response.write(':\n\n');
    listeners.add(response);
    request.on('close', () => listeners.delete(response));
  });
  await new Promise((resolve) => server.listen(0, 'localhost', () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://localhost:${address.port}/`,
    ring() {
      for (const listener of listeners) listener.write('data: built\n\n');
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
