/** Names of packs that can be fetched: a file that comes with the program, and one of the person's own, which wins. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { GenerateError } from '../../models/protocol.js';
import { embeddedPackFolder, userPackFolder } from './places.js';

/** Name -> where its pack.json is; `hosts` are others to which that one may send on for the files. */
const Registry = z.record(
  z.string().max(100),
  z.strictObject({
    url: z.string().max(2000),
    description: z.string().max(500),
    hosts: z.array(z.string().max(260)).max(20).optional(),
  }),
);
export type Registry = z.infer<typeof Registry>;

export async function readRegistry(): Promise<Registry> {
  return { ...(await read(embeddedPackFolder())), ...(await read(userPackFolder())) };
}

async function read(folder: string): Promise<Registry> {
  const path = join(folder, 'registry.json');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return {};
  try {
    return Registry.parse(JSON.parse(text.replace(/^\ufeff/, '')));
  } catch (cause) {
    throw new GenerateError('unknown-pack', `"${path}" is not a registry of packs: ${(cause as Error).message}`, {
      cause,
    });
  }
}
