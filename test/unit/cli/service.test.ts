/** `twostep service`: what systemd and launchd are told. Neither runs here, so programs of their names stand in and write down what they hear. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { managerFor } from '../../../server/service/managers.js';
import { launchdPlist, systemdUnit } from '../../../server/service/units.js';
import { runCommand } from '../../support/command.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twostep-service-'));
  vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env['PATH']}`);
});
afterEach(() => vi.unstubAllEnvs());

/** A program that notes its arguments; it fails where one of them is `failing`. */
function standIn(name: string, failing = 'nothing'): void {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const path = join(folder, 'bin', name);
  writeFileSync(
    path,
    `#!/bin/sh\necho "$*" >> "${join(folder, 'heard')}"\nfor one in "$@"; do [ "$one" = "${failing}" ] && { echo "no bus" >&2; exit 1; }; done\nexit 0\n`,
  );
  chmodSync(path, 0o755);
}

const heard = () => readFileSync(join(folder, 'heard'), 'utf8').trim().split('\n');

function run(args: string[], platform: NodeJS.Platform = 'linux', environment: Record<string, string> = {}) {
  const all = { HOME: folder, ...environment };
  const program = ['/usr/bin/node', '/opt/two step/dist/twostep.js'] as const;
  return runCommand(['service', ...args], {
    environment: all,
    service: { manager: managerFor(platform, all, 501), program },
  });
}

const unit = () => join(folder, '.config', 'systemd', 'user', 'twostep.service');

describe.skipIf(process.platform === 'win32')('with systemd', () => {
  it('install writes a unit of this person, starts it, and says where the code is', async () => {
    standIn('systemctl');
    const done = await run(['install', '--port', '21212', '--provider', 'cpu'], 'linux', {
      TWOSTEP_PACKS: '/my packs',
      SECRET_KEY: 'x',
    });
    expect(done.exitCode).toBe(0);
    expect(done.stdout).toContain('journalctl --user -u twostep.service');
    const text = readFileSync(unit(), 'utf8');
    expect(text).toContain(
      'ExecStart="/usr/bin/node" "/opt/two step/dist/twostep.js" "serve" "--no-browser" "--port" "21212" "--provider" "cpu"\n',
    );
    expect(text).toContain('Environment="TWOSTEP_PACKS=/my packs"\n');
    expect(text).not.toContain('SECRET');
    expect(heard()).toEqual([
      '--user daemon-reload',
      '--user enable twostep.service',
      '--user restart twostep.service',
    ]);
  });

  it('remove stops it and takes the unit away', async () => {
    standIn('systemctl');
    await run(['install']);
    expect((await run(['remove'])).exitCode).toBe(0);
    expect(existsSync(unit())).toBe(false);
    expect(heard().slice(-2)).toEqual(['--user disable --now twostep.service', '--user daemon-reload']);
    const again = await run(['remove']);
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('There is no service')]);
  });

  it.each([
    ['is not there', undefined],
    ['does not run', 'daemon-reload'],
  ])('where it %s, nothing stays behind', async (_, failing) => {
    if (failing) standIn('systemctl', failing);
    else vi.stubEnv('PATH', join(folder, 'bin'));
    const done = await run(['install']);
    expect([done.exitCode, existsSync(unit())]).toEqual([1, false]);
    expect(done.stderr).toMatch(
      /systemd does not take it \(systemctl --user daemon-reload: .*\)\. Without it: twostep serve/,
    );
  });

  it('a change that it does not take leaves the unit of before', async () => {
    standIn('systemctl');
    await run(['install']);
    const before = readFileSync(unit(), 'utf8');
    standIn('systemctl', 'restart');
    expect((await run(['install', '--port', '9'])).exitCode).toBe(1);
    expect(readFileSync(unit(), 'utf8')).toBe(before);
  });
});

describe.skipIf(process.platform === 'win32')('with launchd', () => {
  const plist = () => join(folder, 'Library', 'LaunchAgents', 'dev.twostep.companion.plist');

  it('install and remove', async () => {
    standIn('launchctl');
    expect((await run(['install', '--listen', '::'], 'darwin')).exitCode).toBe(0);
    expect(readFileSync(plist(), 'utf8')).toContain(
      '<string>serve</string><string>--no-browser</string><string>--listen</string><string>::</string>',
    );
    await run(['install'], 'darwin');
    expect((await run(['remove'], 'darwin')).exitCode).toBe(0);
    expect(existsSync(plist())).toBe(false);
    const [boot, out] = [`bootstrap gui/501 ${plist()}`, 'bootout gui/501/dev.twostep.companion'];
    expect(heard()).toEqual([boot, out, boot, out]);
  });
});

it('elsewhere, and from a cache that may be emptied, it says what to do instead', async () => {
  expect((await run(['install'], 'win32')).stderr).toContain('twostep serve --no-browser');
  const manager = managerFor('linux', { HOME: folder }, 1);
  const npx = await runCommand(['service', 'install'], {
    service: {
      manager,
      program: ['/usr/bin/node', '/home/me/.npm/_npx/1a2b/node_modules/twostep-image/dist/twostep.js'],
    },
  });
  expect([npx.exitCode, npx.stderr]).toEqual([1, expect.stringContaining('npm install --global')]);
});

describe('a path with signs that mean something', () => {
  const command = ['/opt/100% "mine"/$HOME/a\\b', 'serve'];

  it('means itself to systemd', () => {
    expect(systemdUnit({ command, environment: {} })).toContain(
      'ExecStart="/opt/100%% \\"mine\\"/$$HOME/a\\\\b" "serve"\n',
    );
  });

  it('means itself to launchd', () => {
    const text = launchdPlist({ command: ['/opt/<a>&b'], environment: { A: '<&>' } }, '/log');
    expect(text).toContain('<array><string>/opt/&lt;a&gt;&amp;b</string></array>');
    expect(text).toContain('<key>A</key><string>&lt;&amp;&gt;</string>');
  });

  it('that would be a line of the unit is refused', async () => {
    const manager = managerFor('linux', { HOME: folder }, 1);
    const done = await runCommand(['service', 'install'], {
      service: { manager, program: ['/usr/bin/node', '/opt/x\nExecStartPre=/bin/sh'] },
    });
    expect([done.exitCode, existsSync(unit())]).toEqual([1, false]);
    expect(done.stderr).toContain('control characters');
  });
});
