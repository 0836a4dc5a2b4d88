/** Case A1 on the command line. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPrompt } from '../../../models/run/vocabulary/read.js';
import { describeReading, describeUnknown } from '../../../models/run/vocabulary/remarks.js';
import { EMBEDDED_PACK } from '../../../scripts/embed.mjs';
import { inRoot } from '../../../scripts/paths.mjs';
import { runCommand } from '../../support/command.js';
import { createFakeEngine, drawAll } from '../../support/fake-engine.js';
import { SHAPES } from '../vocabulary/shapes-vocabulary.js';
import { STARTER } from '../vocabulary/starter-vocabulary.js';

/** As the pipeline speaks of words. */
const engine = createFakeEngine((request) => {
  const reading = readPrompt(request.prompt, SHAPES);
  if (!reading.says && !request.force)
    return [{ type: 'error', code: 'unknown-words', message: describeUnknown(reading, SHAPES), reading }];
  const message = describeReading(reading, SHAPES, { asWritten: request.force });
  return [{ type: 'warning', code: 'unknown-words', message, reading }, ...drawAll(request)];
});

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'twostep-words-'));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));
const generate = (...args: string[]) => runCommand(['generate', ...args, '--out', out], { engine });

describe('twostep generate', () => {
  it('draws nothing where no word is understood, names the nearest and ends with 2', async () => {
    const run = await generate('an office', '--seed', '1');
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('Nearest: for "office" house, city.');
    expect(run.stderr).toContain('--force');
    expect(readdirSync(out)).toEqual([]);
  });

  it('draws it all the same with --force', async () => {
    const run = await generate('an office', '--seed', '1', '--force');
    expect(run.exitCode).toBe(0);
    expect(engine.requests.at(-1)?.force).toBe(true);
    expect(readdirSync(out)).toEqual(['an-office-1.png']);
  });

  it('says what was understood, also in JSON', async () => {
    const run = await generate('a yelow star and a fox');
    expect(run.stderr).toContain('Note: Drew: star, yellow. Not understood: fox. Read as: yelow -> yellow.');
    const json = await runCommand(['--json', 'generate', 'a yelow star', '--out', out], { engine });
    expect(json.records()).toContainEqual(
      expect.objectContaining({
        type: 'warning',
        code: 'unknown-words',
        reading: expect.objectContaining({ drawn: 'a yellow star' }),
      }),
    );
  });
});

describe('twostep pack info --vocabulary', () => {
  it('lists the words, for people and for programs', async () => {
    const folder = inRoot(EMBEDDED_PACK);
    const run = await runCommand(['pack', 'info', folder, '--vocabulary']);
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toMatch(/^thing +circle, square, .*lightning bolt/m);
    expect(run.stdout).toMatch(/^counts to +5$/m);
    const json = await runCommand(['--json', 'pack', 'info', folder, '--vocabulary']);
    expect(json.records()).toEqual([{ type: 'vocabulary', pack: 'starter', vocabulary: STARTER }]);
  });
});
