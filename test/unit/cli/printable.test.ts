import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { printable, printableJson, printableLines } from '../../../models/printable.js';
import { parseLabels } from '../../../models/run/text/labels.js';
import { runCommand } from '../../support/command.js';
import { startCompanion } from '../../support/companion.js';
import { createFakeEngine } from '../../support/fake-engine.js';
import { describePack } from '../../support/packs.js';

/** Clears the screen, sets the title, turns the text round, ends the line, and does the same in the eight-bit forms. */
const HOSTILE = 'fox\x1b[2J\x1b]0;owned\x07\u202e\u2066\r\nroot# \x9b31m\x9d0;owned\x9c\u200f\u2028\x00';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const FORBIDDEN = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twostep-printable-'));
  vi.stubEnv('TWOSTEP_PACKS', join(folder, 'packs'));
  vi.stubEnv('TWOSTEP_EMBEDDED_PACKS', join(folder, 'embedded'));
  vi.stubEnv('TWOSTEP_DATA', join(folder, 'data'));
  vi.stubEnv('TWOSTEP_CACHE', join(folder, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function putPack(name: string, changes: Record<string, unknown>): void {
  mkdirSync(join(folder, 'packs', name), { recursive: true });
  writeFileSync(
    join(folder, 'packs', name, 'pack.json'),
    JSON.stringify({ ...describePack({ id: name }), ...changes }),
  );
}

describe('D12: what strangers wrote', () => {
  it('loses escape sequences, controls and direction marks, and nothing else', () => {
    expect(printable(HOSTILE)).toBe('fox root#  ');
    expect(printableLines(HOSTILE)).toBe('fox\nroot# ');
    const sound = 'ガラスの城 हिन्दी שלום 👨‍👩‍👧 نیم‌فاصله é½';
    expect(printable(sound)).toBe(sound);
    expect(printable('\ud800x')).toBe('\ufffdx');
    expect(printable(`${'\x1b['.repeat(50_000)}`)).toBe('');
  });

  it('is the same to a program that reads JSON, and does nothing to a terminal', () => {
    const json = printableJson({ name: HOSTILE });
    expect(json).not.toMatch(FORBIDDEN);
    expect(JSON.parse(json)).toEqual({ name: HOSTILE });
  });

  it('is not printed by pack list, pack info, or of a damaged pack', async () => {
    putPack('sound', { name: HOSTILE, description: HOSTILE, licence: { spdx: HOSTILE, notice: HOSTILE } });
    putPack('damaged', { [HOSTILE]: 1 });
    for (const args of [
      ['pack', 'list'],
      ['pack', 'info', 'sound'],
      ['pack', 'info', HOSTILE],
      ['--json', 'pack', 'list'],
      ['pull', `http://${HOSTILE}`],
    ]) {
      const { stdout, stderr } = await runCommand(args);
      expect(stdout + stderr, args.join(' ')).not.toMatch(FORBIDDEN);
      expect(stdout + stderr).not.toBe('');
    }
    const { stdout } = await runCommand(['pack', 'list']);
    expect(stdout.split('\n').filter(Boolean)).toHaveLength(1);
  });

  it('is not printed by token create and token list, nor of a request', async () => {
    await runCommand(['token', 'create', HOSTILE]);
    const list = await runCommand(['token', 'list']);
    expect(list.stdout).toMatch(/fox root# {4}made/);
    expect(list.stdout).not.toMatch(FORBIDDEN);
    const engine = createFakeEngine(() => [{ type: 'error', code: 'engine-failed', message: `no ${HOSTILE}` }]);
    const drawn = await runCommand(['generate', HOSTILE, '--out', folder], { engine });
    expect(drawn.stderr).toContain('no fox');
    expect(drawn.stderr).not.toMatch(FORBIDDEN);
  });

  it('is not logged when a device pairs, and not kept as its name', async () => {
    const companion = await startCompanion();
    try {
      const body = { code: companion.pairing.code(), name: HOSTILE };
      expect(await (await companion.post('/v1/pair', body)).json()).toMatchObject({ name: 'fox root#  ' });
      expect(companion.lines.join('')).toContain('Paired with "fox root#  "');
      const nameless = { code: companion.pairing.code(), name: '\x1b[2J\u202e' };
      expect((await companion.post('/v1/pair', nameless)).status).toBe(400);
    } finally {
      await companion.close();
    }
  });

  it('is no part of a class name', () => {
    expect(parseLabels([[HOSTILE]]).names).toEqual([['fox root#  ']]);
  });
});
