/** What good command lines do beside their work: cases E5 and E9. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from '../../../server/cli/completion.js';
import type { ServeOptions } from '../../../server/companion/serve.js';
import { EXIT } from '../../../server/node/exit-codes.js';
import { runCommand } from '../../support/command.js';
import { createFakeEngine, drawAll, progress } from '../../support/fake-engine.js';
import { describePack, writePack } from '../../support/packs.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twostep-manners-'));
  vi.stubEnv('TWOSTEP_PACKS', join(folder, 'packs'));
  vi.stubEnv('TWOSTEP_EMBEDDED_PACKS', join(folder, 'embedded'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('E5: npm start takes what the companion takes', () => {
  async function start(...args: string[]) {
    const served: ServeOptions[] = [];
    const serve = async (options: ServeOptions) => {
      served.push(options);
      return EXIT.ok;
    };
    const engine = createFakeEngine();
    const run = await runCommand(['start', ...args], { serve, engine, terminal: true });
    return { run, served, drawn: engine.requests };
  }

  it.each([
    [['--port', '31180'], { port: 31_180, browser: true }],
    [['--no-browser'], { browser: false }],
    [['--port', '31180', '--no-browser', '--provider', 'cpu'], { port: 31_180, browser: false, provider: 'cpu' }],
    [
      ['--listen', '192.168.1.2', '--allow-host', 'studio.local'],
      { listen: ['192.168.1.2'], allowHost: ['studio.local'] },
    ],
    [[], { browser: true }],
  ])('%j', async (args, expected) => {
    const { run, served, drawn } = await start(...args);
    expect([run.exitCode, run.stderr]).toEqual([0, '']);
    expect(served).toMatchObject([expected]);
    expect(drawn).toEqual([]);
  });

  it('and says that a picture is drawn without it', async () => {
    for (const [args, what] of [
      [['owl', '--port', '31180'], 'a prompt'],
      [['--seed', '1', '--no-browser', '--port', '31180'], '--seed'],
    ] as const) {
      const { run, served, drawn } = await start(...args);
      expect([run.exitCode, served, drawn]).toEqual([2, [], []]);
      expect(run.stderr).toMatch(new RegExp(`^error: --port.* is for the companion, and ${what} draws one picture`));
    }
  });
});

describe('E9: a prompt from standard input', () => {
  it.each(['generate', 'start'])('%s -', async (verb) => {
    const engine = createFakeEngine();
    const run = await runCommand([verb, '-', '--out', folder], { engine, input: 'a red fox\n' });
    expect(run.exitCode).toBe(0);
    expect(engine.requests).toMatchObject([{ prompt: 'a red fox' }]);
  });

  it('which holds none', async () => {
    const engine = createFakeEngine();
    const run = await runCommand(['generate', '-', '--out', folder], { engine, input: ' \n' });
    expect([run.exitCode, engine.requests]).toEqual([2, []]);
    expect(run.stderr).toContain('Standard input, which "-" stands for, holds no prompt.');
  });
});

describe('E9: terminals that can do nothing', () => {
  const drawing = () => createFakeEngine((request) => [progress('step', 0, 1, 0.5), ...drawAll(request)]);
  const run = (environment: Record<string, string>) =>
    runCommand(['generate', 'owl', '--out', folder], { engine: drawing(), terminal: true, environment });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;

  it('get no control codes', async () => {
    expect((await run({ TERM: 'xterm' })).stderr).toMatch(CONTROLS);
    expect((await run({ NO_COLOR: '' })).stderr).toMatch(CONTROLS);
    for (const environment of [{ TERM: 'dumb' }, { NO_COLOR: '1' }]) {
      const { stderr } = await run(environment);
      expect(stderr).not.toMatch(CONTROLS);
      expect(stderr).toMatch(/^50% drawing/m);
    }
  });
});

describe('E9: completion', () => {
  const complete = async (...words: string[]) =>
    (await runCommand(['complete', '--', ...words])).stdout.split('\n').slice(0, -1);

  it('of commands, options and their values', async () => {
    expect(await complete('')).toEqual(expect.arrayContaining(['generate', 'start', 'serve', 'pack', 'completion']));
    expect(await complete('')).not.toContain('complete');
    expect(await complete('ge')).toEqual(['generate', 'get']);
    expect(await complete('pack', '')).toEqual(['list', 'info', 'verify', 'remove', 'convert']);
    expect(await complete('generate', '--form')).toEqual(['--format']);
    expect(await complete('generate', '--format', '')).toEqual(expect.arrayContaining(['png', 'svg']));
    expect(await complete('start', '--no')).toEqual(['--no-browser']);
    expect(await complete('completion', 'z')).toEqual(['zsh']);
  });

  it('of packs, and of nothing where words or files are meant', async () => {
    writePack(join(folder, 'packs', 'one'), describePack({ id: 'one' }));
    writePack(join(folder, 'packs', 'two'), describePack({ id: 'two' }));
    expect(await complete('generate', 'owl', '--pack', '')).toEqual(['one', 'two']);
    expect(await complete('pack', 'verify', 't')).toEqual(['two']);
    expect(await complete('generate', '')).toEqual([]);
    expect(await complete('generate', '--like', '')).toEqual([]);
  });

  /** The shells themselves, with a command that tells what it was asked. */
  const ASK: Readonly<Record<Shell, string>> = {
    bash: `COMP_WORDS=(twostep generate --fo); COMP_CWORD=2; _twostep; printf "%s\\n" "\${COMPREPLY[@]}"`,
    zsh: 'words=(twostep generate --fo); CURRENT=3; compadd() { shift; print -l -- "$@" }; _twostep',
    fish: 'complete -C "twostep generate --fo"',
  };
  const isThere = (shell: Shell) => spawnSync(shell, ['-c', 'true']).status === 0;
  for (const shell of SHELLS.filter((name) => !isThere(name)))
    process.stdout.write(`  ${shell} is not installed: its completion script was not run\n`);

  it.each(SHELLS.filter(isThere))('in %s', async (shell) => {
    const printed = await runCommand(['completion', shell]);
    expect(printed).toMatchObject({ exitCode: 0, stdout: COMPLETION_SCRIPTS[shell], stderr: '' });
    const log = join(folder, 'asked');
    writeFileSync(join(folder, 'twostep'), `#!/bin/sh\nprintf '<%s>' "$@" > ${log}\nprintf -- '--format\\n'\n`);
    chmodSync(join(folder, 'twostep'), 0o755);
    const script = join(folder, 'script');
    writeFileSync(script, `${shell === 'zsh' ? 'compdef() { : }\n' : ''}${printed.stdout}\n${ASK[shell]}\n`);
    const { stdout, stderr } = spawnSync(shell, shell === 'zsh' ? ['-f', script] : [script], {
      env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}`, HOME: folder },
      encoding: 'utf8',
    });
    expect([stdout.trim(), stderr]).toEqual(['--format', '']);
    expect(spawnSync('cat', [log], { encoding: 'utf8' }).stdout).toBe('<complete><--><generate><--fo>');
  });
});
