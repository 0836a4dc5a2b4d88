/** Image servers that the owner of this machine added: `upstreams.json` in the companion's folder, which no client can change. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { $ZodError } from 'zod/v4/core';
import { printable } from '../../models/printable.js';
import { makeFolder } from '../node/make-folder.js';
import { orStorageError } from '../node/storage.js';
import { companionFolder } from '../packs/places.js';

/** Part of the ids of its models: `NAME/MODEL`. */
export const UpstreamName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'is not a name (lower-case letters, digits and "-", at most 40)');

/** What a server says its model is called; they have slashes and colons. */
export const ModelName = z.string().overwrite(printable).min(1).max(150);

const Size = z.strictObject({ width: z.number().int().min(16).max(4096), height: z.number().int().min(16).max(4096) });

export const Upstream = z.strictObject({
  name: UpstreamName,
  /** With the path up to `/images/generations`, without a slash at its end. */
  url: z.url(),
  /** Name of the environment variable that holds the key; the key itself is in no file. */
  keyEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/)
    .nullable(),
  models: z.array(ModelName).min(1).max(100),
  /** Pixels, where nobody says. */
  size: Size,
  /** Parameters that its owner says it does not know; others are found out when it refuses them. */
  without: z.array(z.string().max(40)).max(20),
});
export type Upstream = z.infer<typeof Upstream>;

const Settings = z.strictObject({ version: z.literal(1), upstreams: z.array(Upstream).max(50) });

const settingsPath = () => join(companionFolder(), 'upstreams.json');

/** @throws Error naming the file where it can't be read: it may name servers that cost money, so nothing in it is guessed */
export async function readUpstreams(): Promise<readonly Upstream[]> {
  const path = settingsPath();
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    return Settings.parse(JSON.parse(text)).upstreams;
  } catch (error) {
    throw new SettingsError(
      `"${path}" can not be read: ${firstIssue(error)}. Mend it, or remove it and add them again.`,
    );
  }
}

export async function writeUpstreams(upstreams: readonly Upstream[]): Promise<void> {
  const path = settingsPath();
  const settings = Settings.parse({ version: 1, upstreams });
  await makeFolder(companionFolder(), 0o700);
  try {
    await writeFile(`${path}.new`, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
    await rename(`${path}.new`, path);
  } catch (error) {
    throw orStorageError(error, companionFolder());
  }
}

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

function firstIssue(error: unknown): string {
  if (!(error instanceof $ZodError)) return (error as Error).message;
  const [issue] = error.issues;
  return `${issue?.path.join('.') || 'the file'} ${issue?.message ?? 'is not valid'}`;
}
