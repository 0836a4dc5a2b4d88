/** `twostep get`: a published model, from the hub to a pack that draws. Without a name it says which there are. */
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Recipe, Role } from '../../models/import/recipe.js';
import { CommandError } from '../node/errors.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import type { Reporter } from '../node/reporter.js';
import { PATIENCE, type Patience } from '../packs/fetch-file.js';
import { fetchPublished, placeOf } from '../packs/fetch-published.js';
import { readPackFolder } from '../packs/folder.js';
import { type HubFile, openHub } from '../packs/hub.js';
import { cacheFolder, userPackFolder } from '../packs/places.js';
import { PUBLISHED, type Published, wantedRoles } from '../packs/published.js';
import { type Ask, isYes } from './ask.js';
import { type Importer, type ImportOptions, runImport } from './import.js';
import { formatBytes } from './pack.js';
import { verifyBeforeUse } from './verify.js';

export type GetOptions = {
  /** Optional roles that are wanted too. */
  readonly with?: readonly string[];
  readonly storage: ImportOptions['storage'];
  readonly yes?: boolean;
  /** Leaves the downloads where they are once the pack is made. */
  readonly keep?: boolean;
  readonly allowHost?: readonly string[];
};

export type GetContext = {
  readonly importer: Importer;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  readonly ask: Ask | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Those of the program, unless a test has others. */
  readonly published?: readonly Published[];
  readonly patience?: Pick<Patience, 'retries' | 'silence'>;
};

/** Less is fetched without a question. */
const ASKED_FROM = 1e9;

export async function runGet(wanted: string | undefined, options: GetOptions, context: GetContext): Promise<ExitCode> {
  const { published = PUBLISHED, importer, reporter } = context;
  if (wanted === undefined) {
    for (const entry of published) reporter.result({ type: 'published', ...entry }, describe(entry));
    return EXIT.ok;
  }
  const entry = published.find(({ name }) => name === wanted);
  const recipe = importer.recipes.find(({ name }) => name === wanted);
  if (!entry || !recipe)
    throw new CommandError(
      EXIT.usage,
      `There is no published model "${wanted}". There are ${published.map(({ name }) => name).join(', ')}.`,
    );
  const useless = (options.with ?? []).filter((role) => !entry.optional.includes(role as Role));
  if (useless.length > 0)
    throw new CommandError(
      EXIT.usage,
      `${entry.name} has no ${useless.join(' and no ')} to be fetched besides; ${entry.optional.length > 0 ? `--with takes ${entry.optional.join(', ')}` : 'all of it is fetched anyway'}.`,
    );
  return fetchAndImport(entry, recipe, options, context);
}

async function fetchAndImport(
  entry: Published,
  recipe: Recipe,
  options: GetOptions,
  context: GetContext,
): Promise<ExitCode> {
  const { reporter, signal, environment, patience = PATIENCE } = context;
  const hub = openHub(environment['HF_ENDPOINT']);
  const hosts = new Set(options.allowHost ?? []);
  const confirm = confirmer(context);
  const mayFollow = async (from: URL, to: URL) => {
    if (hub.isOwn(to.host) || hosts.has(to.host)) return true;
    if (await confirm(`${from.host} sends on to another host, ${to.host}. Fetch from there?`)) hosts.add(to.host);
    return hosts.has(to.host);
  };
  const roles = wantedRoles(entry, options.with ?? []);
  const listed: (readonly [Role, readonly HubFile[]])[] = [];
  for (const [role, source] of roles) listed.push([role, await hub.listFiles(source, { signal, mayFollow })]);
  const files = listed.flatMap(([, own]) => own);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const downloads = join(cacheFolder(), 'downloads');
  reporter.note(
    { type: 'published', ...entry, bytes: total },
    `${describe(entry)}\n  ${formatBytes(total)} from ${hub.endpoint.host}, into ${downloads}`,
  );
  await agree(recipe, total, options, context);

  const how = { ...patience, signal, mayFollow, downloads, notes: join(userPackFolder(), 'noted-hashes.json') };
  for await (const event of fetchPublished(hub, files, how))
    if (event.type === 'progress')
      reporter.progress(event, {
        label: `${event.path}, ${formatBytes(event.bytes)} of ${formatBytes(event.total)}`,
        fraction: event.total > 0 ? event.bytes / event.total : 1,
      });
    else {
      reporter.end();
      reporter.note(
        event,
        `${event.path}: nobody publishes its hash; noted ${event.sha256.slice(0, 16)}…, from now on it has to be the same.`,
      );
    }
  reporter.end();
  const given = Object.fromEntries(listed.map(([role, own]) => [role, pathOf(downloads, own, entry, role)]));
  const code = await runImport({ ...given, recipe: recipe.name, storage: options.storage, yes: true }, context);
  await verifyBeforeUse(await readPackFolder(join(userPackFolder(), recipe.name)), reporter, signal);
  if (!options.keep)
    for (const folder of new Set(files.map((one) => dirname(placeOf(one)).split(/[\\/]/)[0] ?? '')))
      await rm(join(downloads, folder), { recursive: true, force: true });
  return code;
}

/** A single file, or the folder that its files lie in. */
function pathOf(downloads: string, files: readonly HubFile[], { roles }: Published, role: Role): string {
  const [first] = files;
  if (!first) throw new RangeError(`nothing was listed for ${role}`);
  const what = roles[role]?.what;
  return join(downloads, what && 'file' in what ? placeOf(first) : dirname(placeOf(first)));
}

/** A program that reads our records does not answer questions. */
const confirmer =
  ({ ask, reporter }: Pick<GetContext, 'ask' | 'reporter'>) =>
  async (question: string): Promise<boolean> => {
    if (!ask || reporter.json) return false;
    reporter.end();
    return isYes(await ask(`${question} [y/N] `));
  };

/** @throws CommandError where the person does not agree to the licence or the size, or there is nobody to ask */
async function agree({ agreement }: Recipe, bytes: number, { yes }: GetOptions, context: GetContext): Promise<void> {
  const { reporter, signal, ask } = context;
  if (agreement !== undefined) reporter.note({ type: 'agreement', text: agreement }, agreement);
  if (yes || (agreement === undefined && bytes < ASKED_FROM)) return;
  if (!ask || reporter.json)
    throw new CommandError(EXIT.usage, 'Nothing was fetched: there is nobody to ask. Say --yes to agree.');
  const size = formatBytes(bytes);
  const question =
    agreement === undefined
      ? `Fetch ${size}?`
      : `Have you read the licences, do you agree, and are ${size} to be fetched?`;
  const isAgreed = await confirmer(context)(question);
  signal.throwIfAborted();
  if (!isAgreed) throw new CommandError(EXIT.failed, 'Nothing was fetched.');
}

function describe(entry: Published): string {
  const bytes = wantedRoles(entry, []).reduce((sum, [, source]) => sum + source.bytes, 0);
  const more = entry.optional.length > 0 ? `; --with ${entry.optional.join(' --with ')} for more` : '';
  return `${entry.name}\n  ${entry.draws}\n  licence ${entry.licence}; about ${formatBytes(bytes)} to fetch${more}; memory ${entry.memory}`;
}
