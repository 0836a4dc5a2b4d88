/** What agents draw with over stdin and stdout: pictures are files, and their paths the handles. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { GenerateError } from '../../models/protocol.js';
import { fileStemOf } from '../../models/request/file-name.js';
import { requestFromPng } from '../../models/run/metadata.js';
import { wordsFor } from '../../models/wildcards.js';
import { listModels } from '../drawing/drawing-model.js';
import type { ImageHost } from '../mcp/host.js';
import { describeFailure } from '../node/errors.js';
import { createCatalogue } from '../packs/catalogue.js';
import { listUpstreamModels } from '../upstream/route.js';
import type { Trace } from '../vector/trace.js';
import type { CompanionPicture, McpEngines } from './mcp-engines.js';
import { writePicture } from './picture-files.js';

/** As large as a picture of ours can be: 4096 x 4096 pixels of noise have 50 MB. */
const FILE_BYTES = 100_000_000;

/** Pictures whose job is remembered, so that they need not be drawn again to be placed. */
const REMEMBERED = 1000;

export type McpHostOptions = {
  readonly engines: McpEngines;
  readonly trace: Trace;
  /** Folder for the pictures. */
  readonly out: string;
  readonly debug: boolean;
};

export function createCommandHost({ engines, trace, out, debug }: McpHostOptions): ImageHost {
  const jobs = new Map<string, CompanionPicture>();

  function remember(file: string, picture: CompanionPicture): void {
    jobs.set(file, picture);
    const [oldest] = jobs.keys();
    if (jobs.size > REMEMBERED && oldest !== undefined) jobs.delete(oldest);
  }

  async function read(image: string): Promise<Uint8Array> {
    const found = await stat(image).catch(() => null);
    if (!found?.isFile()) throw new GenerateError('invalid-request', `There is no picture "${image}".`);
    if (found.size > FILE_BYTES)
      throw new GenerateError('invalid-request', `"${image}" has ${found.size} bytes, more than any picture of ours.`);
    return readFile(image);
  }

  /** Where it is a file of another day, the companion draws it once more: the same request gives the same picture. */
  async function jobOf(image: string, signal: AbortSignal): Promise<CompanionPicture> {
    const known = jobs.get(resolve(image));
    if (known) return known;
    const request = requestFromPng(await read(image));
    let job = '';
    const engine = await engines.companionEngine((id) => {
      job = id;
    });
    for await (const event of engine(request, signal))
      if (event.type === 'error') throw new GenerateError(event.code, event.message);
    const drawn = { job, index: 0 };
    remember(resolve(image), drawn);
    return drawn;
  }

  return {
    trace: async (png) => {
      // Only pictures of ours are decoded.
      requestFromPng(png);
      return trace(png);
    },
    models: () => listModels({ catalogue: createCatalogue(), upstreams: listUpstreamModels }),
    async *draw(request, signal) {
      let job: string | undefined;
      const engine = await engines.engineFor(request.pack, (id) => {
        job = id;
      });
      for await (const event of engine(request, signal)) {
        if (event.type === 'draft') continue;
        if (event.type !== 'picture') {
          yield event;
          continue;
        }
        const file = resolve(
          await writePicture(out, fileStemOf(wordsFor(request.prompt, event.seed), event.seed), 'png', event.bytes),
        );
        if (job !== undefined) remember(file, { job, index: event.index });
        yield { ...event, image: file, at: { file } };
      }
    },
    read,
    async keepVectors(image, svg) {
      const stem = basename(image, extname(image));
      return { file: resolve(await writePicture(dirname(image), stem, 'svg', svg)) };
    },
    place: async (image, where, signal) => engines.place(await jobOf(image, signal), where, signal),
    explain: (error) => describeFailure(error, debug).message,
  };
}
