/** `twostep service`: the companion from login to logout, kept by systemd or launchd. */
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { printable } from '../../models/printable.js';
import type { ServeOptions } from '../companion/serve.js';
import { CommandError } from '../node/errors.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import { makeFolder } from '../node/make-folder.js';
import type { Reporter } from '../node/reporter.js';
import { orStorageError } from '../node/storage.js';
import { type Manager, tell } from '../service/managers.js';

export type ServiceOptions = Omit<ServeOptions, 'browser'>;

/** The program as it runs now: `node` and the script, both absolute. */
export type ServiceDependencies = {
  readonly manager: Manager | null;
  readonly program: readonly [node: string, script: string];
  readonly environment: Readonly<Record<string, string | undefined>>;
};

type Context = ServiceDependencies & { readonly reporter: Reporter };

/** Where our folders are; what else is in the environment is not the service's business, keys least of all. */
const OURS = ['TWOSTEP_PACKS', 'TWOSTEP_DATA', 'TWOSTEP_CACHE', 'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'] as const;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\x00-\x1f\x7f]/;

export async function runServiceInstall(options: ServiceOptions, context: Context): Promise<ExitCode> {
  const { program, environment, reporter } = context;
  const manager = needManager(context);
  const [, script] = program;
  if (/[\\/]_npx[\\/]/.test(script))
    throw new CommandError(
      EXIT.failed,
      `This runs from npx's cache (${printable(script)}), which may be emptied. Install it first: npm install --global twostep-image.`,
    );
  const variables = OURS.flatMap((name) => (environment[name] ? [[name, environment[name]] as const] : []));
  const command = [...program, 'serve', '--no-browser', ...toArguments(options)];
  // A line break would be a line of the unit.
  for (const text of [...command, ...variables.map(([, value]) => value)])
    if (CONTROLS.test(text))
      throw new CommandError(
        EXIT.failed,
        `"${printable(text)}" has control characters, which a service can't be told.`,
      );
  const before = await readFile(manager.path, 'utf8').catch(() => null);
  await write(manager, manager.describe({ command, environment: Object.fromEntries(variables) }));
  try {
    // launchd takes no change of what it has.
    if (before !== null && manager.name === 'launchd') await tellAll(manager.stop).catch(() => undefined);
    await tellAll(manager.start);
  } catch (error) {
    // What could not be started shall not start at the next login, unannounced.
    if (before === null) await rm(manager.path, { force: true });
    else await write(manager, before);
    throw new CommandError(
      EXIT.failed,
      `${manager.name} does not take it (${printable((error as Error).message)}). Without it: twostep serve.`,
    );
  }
  reporter.result(
    { type: 'service', state: 'installed', manager: manager.name, path: manager.path },
    `The companion runs now, and from each login on (${manager.path}). What it says, with the code for the panel: ${manager.read}`,
  );
  return EXIT.ok;
}

export async function runServiceRemove(context: Context): Promise<ExitCode> {
  const { reporter } = context;
  const manager = needManager(context);
  const isThere = await access(manager.path).then(
    () => true,
    () => false,
  );
  if (!isThere) throw new CommandError(EXIT.usage, `There is no service: ${manager.path} is not there.`);
  // One that was stopped by hand is none to stop.
  const failure = await tellAll(manager.stop).catch((error: Error) => error);
  await rm(manager.path);
  await tellAll(manager.after).catch(() => undefined);
  if (failure)
    reporter.note({ type: 'note' }, `Note: ${manager.name} could not stop it (${printable(failure.message)}).`);
  reporter.note(
    { type: 'service', state: 'removed', manager: manager.name, path: manager.path },
    'The companion starts by itself no more. Packs, pictures and keys stay.',
  );
  return EXIT.ok;
}

function needManager({ manager }: Context): Manager {
  if (manager) return manager;
  throw new CommandError(
    EXIT.failed,
    'This is for systemd (Linux) and launchd (macOS). Elsewhere let the system start: twostep serve --no-browser.',
  );
}

function toArguments({ port, listen, allowHost, provider, batch }: ServiceOptions): string[] {
  return [
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(listen ? ['--listen', ...listen] : []),
    ...(allowHost ? ['--allow-host', ...allowHost] : []),
    ...(provider === undefined ? [] : ['--provider', provider]),
    ...(batch === undefined ? [] : ['--batch', String(batch)]),
  ];
}

async function write({ path }: Manager, text: string): Promise<void> {
  await makeFolder(dirname(path));
  try {
    await writeFile(path, text, { mode: 0o600 });
  } catch (error) {
    throw orStorageError(error, dirname(path));
  }
}

async function tellAll(commands: Manager['start']): Promise<void> {
  for (const command of commands) await tell(command);
}
