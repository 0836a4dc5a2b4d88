/** The programs that keep services, and how they are told. */
import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LABEL, launchdPlist, type ServiceCommand, systemdUnit, UNIT } from './units.js';

export type Manager = {
  readonly name: 'systemd' | 'launchd';
  /** The file that it reads. */
  readonly path: string;
  describe(command: ServiceCommand): string;
  /** Told once the file is there, in this order. */
  readonly start: readonly (readonly [program: string, ...args: string[]])[];
  /** Told before the file goes. */
  readonly stop: readonly (readonly [program: string, ...args: string[]])[];
  /** Told after it went. */
  readonly after: readonly (readonly [program: string, ...args: string[]])[];
  /** How a person sees what it says, the pairing code among it. */
  readonly read: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns null where there is none that we know */
export function managerFor(platform: NodeJS.Platform, environment: Environment, user: number): Manager | null {
  const home = environment['HOME'] ?? homedir();
  if (platform === 'linux') {
    const config = environment['XDG_CONFIG_HOME'] || join(home, '.config');
    const tell = (...args: string[]) => ['systemctl', '--user', ...args] as const;
    return {
      name: 'systemd',
      path: join(config, 'systemd', 'user', UNIT),
      describe: systemdUnit,
      // `restart`, so that a service that runs already takes what changed.
      start: [tell('daemon-reload'), tell('enable', UNIT), tell('restart', UNIT)],
      stop: [tell('disable', '--now', UNIT)],
      after: [tell('daemon-reload')],
      read: `journalctl --user -u ${UNIT} -n 30`,
    };
  }
  if (platform !== 'darwin') return null;
  const log = join(home, 'Library', 'Logs', 'twostep.log');
  const path = join(home, 'Library', 'LaunchAgents', `${LABEL}.plist`);
  return {
    name: 'launchd',
    path,
    describe: (command) => launchdPlist(command, log),
    start: [['launchctl', 'bootstrap', `gui/${user}`, path]],
    stop: [['launchctl', 'bootout', `gui/${user}/${LABEL}`]],
    after: [],
    read: `tail -n 30 "${log}"`,
  };
}

/** Milliseconds. Stopping waits for the last model call. */
const PATIENCE = 30_000;

/** @throws Error with what the program said */
export async function tell([program, ...args]: readonly [string, ...string[]]): Promise<void> {
  try {
    await promisify(execFile)(program, args, { timeout: PATIENCE });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { readonly stderr?: string };
    const why = code === 'ENOENT' ? 'it is not there' : stderr?.trim() || (error as Error).message;
    throw new Error(`${[program, ...args].join(' ')}: ${why}`, { cause: error });
  }
}
