/** What systemd and launchd are told: start the companion when this person logs in, and again when it fails. */

export type ServiceCommand = {
  /** Program and arguments, absolute where they are paths. */
  readonly command: readonly string[];
  /** Variables of ours that are set now, so that the service finds the same folders. */
  readonly environment: Readonly<Record<string, string>>;
};

/** Of systemd, and so of its file; by it `systemctl --user` and `journalctl --user -u` know the service. */
export const UNIT = 'twostep.service';
/** Of launchd. */
export const LABEL = 'dev.twostep.companion';

/** A user unit (systemd.service(5)): nothing of it runs as root. */
export function systemdUnit({ command, environment }: ServiceCommand): string {
  const variables = Object.entries(environment).map(([name, value]) => `Environment=${quote(`${name}=${value}`)}`);
  return [
    '[Unit]',
    'Description=Twostep, pictures from text on this machine',
    '',
    '[Service]',
    `ExecStart=${command.map(quote).join(' ')}`,
    ...variables,
    'Restart=on-failure',
    'RestartSec=5',
    'NoNewPrivileges=yes',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
}

/** systemd.syntax(7): inside quotes a backslash escapes; `%` begins a specifier and `$` a variable, unless doubled. */
const quote = (text: string): string =>
  `"${text.replace(/[\\"]/g, '\\$&').replace(/%/g, '%%').replace(/\$/g, '$$$$')}"`;

/** A launch agent (launchd.plist(5)). @param log path of the file that gets what it says */
export function launchdPlist({ command, environment }: ServiceCommand, log: string): string {
  const text = (value: string) => `<string>${escapeXml(value)}</string>`;
  const list = (values: readonly string[]) => `<array>${values.map(text).join('')}</array>`;
  const variables = Object.entries(environment).map(([name, value]) => `<key>${escapeXml(name)}</key>${text(value)}`);
  const entries: readonly [key: string, value: string][] = [
    ['Label', text(LABEL)],
    ['ProgramArguments', list(command)],
    ['EnvironmentVariables', `<dict>${variables.join('')}</dict>`],
    ['RunAtLoad', '<true/>'],
    ['KeepAlive', '<dict><key>SuccessfulExit</key><false/></dict>'],
    ['ProcessType', text('Background')],
    ['StandardOutPath', text(log)],
    ['StandardErrorPath', text(log)],
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    ...entries.map(([key, value]) => `  <key>${key}</key>${value}`),
    '</dict>',
    '</plist>',
    '',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escapeXml = (text: string): string => text.replace(/[&<>]/g, (letter) => ENTITIES[letter] as string);
