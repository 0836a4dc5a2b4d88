/** The files of playground and engine page beside the bundle, where the plugin's manifest lies, and the browser that shows them. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embeddedPackFolder } from '../packs/places.js';

/** dist/, when this runs from the bundle. */
const here = dirname(fileURLToPath(import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  // ONNX Runtime deflated, and the files of packs.
  '.bin': 'application/octet-stream',
  '.onnx': 'application/octet-stream',
  '.f32': 'application/octet-stream',
};

/**
 * Folders, and the addresses that they begin at. The engine page is complete where it is built, so that any host can have it; what is published
 * has the starter pack once, among the packs.
 */
const FOLDERS = () =>
  [
    { folder: join(here, 'playground'), address: '/', isolated: false },
    { folder: join(embeddedPackFolder(), 'starter'), address: '/engine/packs/starter/', isolated: true },
    { folder: join(here, 'engine-page'), address: '/engine/', isolated: true },
  ] as const;

export type PageFile = {
  readonly path: string;
  readonly type: string;
  /** Whether the page asks for a process of its own, without which a browser gives it no threads. */
  readonly isolated: boolean;
};

/** Address -> file. Listed once: what a client asks for is looked up here, never on disk. */
export async function readPages(): Promise<Map<string, PageFile>> {
  const pages = new Map<string, PageFile>();
  for (const { folder, address: root, isolated } of FOLDERS()) {
    for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
      const type = TYPES[extname(name)];
      if (!type) continue;
      const address = root + name.replaceAll('\\', '/');
      const file = { path: join(folder, name), type, isolated };
      pages.set(address.replace(/(^|\/)index\.html$/, '$1'), file);
    }
  }
  return pages;
}

/** Undefined where only the command is installed. */
export function manifestPath(): string | undefined {
  const path = join(here, '..', 'manifest.json');
  return existsSync(path) ? path : undefined;
}

/** Without a browser the address on the screen is enough, so nothing is said when it can't be opened. */
export function openBrowser(url: string): void {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', url]]
        : ['xdg-open', [url]];
  spawn(command as string, args as string[], { detached: true, stdio: 'ignore' })
    .on('error', () => undefined)
    .unref();
}
