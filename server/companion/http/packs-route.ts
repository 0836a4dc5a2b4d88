/** Packs: what there is, and their files for engines in a browser, with ranges so that a download can go on. */
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Hono } from 'hono';
import { type PackList, PullRequest } from '../../../models/api.js';
import type { PackFolder } from '../../packs/folder.js';
import type { Companion, Variables } from './companion.js';
import { failure } from './failure.js';
import { readBody } from './read-body.js';

export function addPacks(app: Hono<Variables>, { catalogue, engineState, pulls }: Companion): void {
  app.get('/v1/packs', async (context) => {
    const listed = await catalogue.list();
    const state = engineState();
    const open = state.state === 'ready' ? state.open : [];
    const list: PackList = {
      packs: listed.flatMap((one) =>
        one.state === 'ready' ? [{ pack: one.pack, embedded: one.embedded, open: open.includes(one.pack.id) }] : [],
      ),
      // The folder's name is all that a client needs; the rest of the path is the person's own business.
      broken: listed.flatMap((one) =>
        one.state === 'broken'
          ? [{ name: lastSegment(one.folder), reason: 'It is damaged: see "twostep pack verify".' }]
          : [],
      ),
    };
    return context.json(list);
  });

  app.post('/v1/pulls', async (context) => {
    const { name } = await readBody(context.req.raw, PullRequest);
    return context.json(await pulls.start(name), 202);
  });
  app.get('/v1/pulls', (context) => context.json({ pulls: pulls.list() }));

  app.get('/v1/packs/:id', async (context) => context.json((await catalogue.find(context.req.param('id'))).pack));

  app.get('/v1/packs/:id/files/:path{.+}', async (context) => {
    const found = await catalogue.find(context.req.param('id'));
    const { path, size, sha256 } = listedFile(found, context.req.param('path'));
    const etag = `"${sha256}"`;
    const headers = {
      'Content-Type': 'application/octet-stream',
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'private, max-age=31536000, immutable',
      ETag: etag,
    };
    if (context.req.header('if-none-match') === etag) return context.body(null, 304, headers);
    const fresh = context.req.header('if-range') ?? etag;
    const range = fresh === etag ? parseRange(context.req.header('range'), size) : null;
    if (range === 'beyond')
      throw failure(416, 'range_not_satisfiable', `"${path}" has ${size} bytes.`, {
        param: 'Range',
        headers: { 'Content-Range': `bytes */${size}` },
      });
    const { start, end } = range ?? { start: 0, end: size - 1 };
    const partial = range ? { 'Content-Range': `bytes ${start}-${end}/${size}` } : {};
    const full = { ...headers, ...partial, 'Content-Length': String(Math.max(0, end - start + 1)) };
    const status = range ? 206 : 200;
    if (context.req.method === 'HEAD' || size === 0) return new Response(null, { status, headers: full });
    const stream = Readable.toWeb(createReadStream(await realFile(found, path, size), { start, end }));
    return new Response(stream as ReadableStream, { status, headers: full });
  });
}

function listedFile({ pack }: PackFolder, wanted: string) {
  const file = pack.files.find(({ path }) => path === wanted);
  if (file) return file;
  throw failure(404, 'file_not_found', `Pack ${pack.id} has no such file.`, { param: 'path' });
}

/** The path is the manifest's, not the client's; still, a link that was put there later leads nowhere. */
async function realFile({ folder, pack }: PackFolder, path: string, size: number): Promise<string> {
  const full = join(folder, path);
  const found = await lstat(full).catch(() => undefined);
  if (found?.isFile() && found.size === size) return full;
  throw failure(500, 'damaged_pack', `"${path}" of pack ${pack.id} is not what the pack says it is.`);
}

/** One range of bytes (RFC 9110, 14.2). Null when there is none, or several, which may be ignored. */
export function parseRange(header: string | undefined, size: number): { start: number; end: number } | 'beyond' | null {
  const match = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  if (match[1] === '') {
    const length = Math.min(Number(match[2]), size);
    return length === 0 ? 'beyond' : { start: size - length, end: size - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (start >= size) return 'beyond';
  return end < start ? null : { start, end };
}

const lastSegment = (path: string) => path.split(/[\\/]/).at(-1) ?? '';
