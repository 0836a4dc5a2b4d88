/** The whole way of the full bench at its smallest size: what it finds is this machine's matter, that it finds all of it is not. */

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../../../models/families/all.js';
import { runFullBench } from '../../../models/import/bench/full.js';
import type { FullEvent } from '../../../models/import/bench/full-common.js';
import { printSection, type Section, writeMarkdown } from '../../../models/import/bench/report.js';
import { startRival } from '../../../models/import/bench/rival.js';
import { openPack } from '../../../models/run/open.js';
import { createRuntime } from '../../../models/run/runtime.js';
import { filesOf, readPackFolder } from '../../../server/packs/folder.js';
import { temporaryFolder } from '../../support/random-packs.js';
import { loadRuntime } from '../../support/run-graph.js';

describe('the bench of a full size', () => {
  it('goes from checkpoints to tables', async () => {
    const ort = await loadRuntime();
    const session = { logSeverityLevel: 3 } as const;
    const folder = temporaryFolder();
    // Stands for the program: it loads, draws, and says so.
    const command = join(folder, 'program.mjs');
    writeFileSync(
      command,
      `if (process.argv.includes('generate')) for (const line of [{ type: 'progress', phase: 'step' }, { type: 'picture' }]) console.log(JSON.stringify(line));`,
    );
    const events: FullEvent[] = [];
    const run = runFullBench(
      {
        size: 'small',
        folder,
        runtime: createRuntime(ort, session),
        rival: null,
        noises: 2,
        rounds: 1,
        command: [process.execPath, command],
        open: (at, pack) => openPack({ pack, families: FAMILIES, files: filesOf({ folder: at, pack }), ort, session }),
        readPack: async (at) => (await readPackFolder(at)).pack,
      },
      new AbortController().signal,
    );
    for await (const event of run) events.push(event);
    expect(events.at(-1)).toEqual({ type: 'done' });
    const sections = events.filter((event): event is Section => event.type === 'section');
    expect(sections.map(({ title }) => title)).toEqual([
      'Import',
      'Precisions',
      'Transformer, one picture',
      'Beside PyTorch, transformer of one picture in two steps',
      'Several pictures of one prompt, both steps, float32',
      'Text, decoder and the rest',
      'The teacher with a key/value cache and guidance',
      'Cold start',
      'On a GPU: expected, not measured',
    ]);
    for (const { columns, rows, title } of sections)
      for (const row of rows) {
        expect(row.length, title).toBe(columns.length);
        expect(row.join(' '), title).not.toMatch(/NaN|undefined|Infinity/);
      }
    expect(sections[1]?.rows.map(([storage]) => storage)).toEqual(['exact', 'small', 'fast']);
    expect(sections[7]?.rows.map(([storage]) => storage)).toEqual(['exact', 'small', 'fast']);
    // Checkpoints are kept for the next run; nothing of this machine goes into the report.
    expect(existsSync(join(folder, 'checkpoints', 'student.safetensors'))).toBe(true);
    const report = writeMarkdown('Benchmarks', ['Words.'], sections);
    expect(report).toMatch(/^# Benchmarks\n\nWords\.\n\n## Import\n\n\| storage \|/);
    expect(report).not.toContain(folder);
  }, 600_000);

  it('writes tables that nothing in a cell can break', () => {
    const section: Section = {
      type: 'section',
      title: 'T',
      columns: ['a', 'b'],
      rows: [['x|y', '1']],
      notes: ['Note.'],
    };
    expect(writeMarkdown('H', [], [section])).toBe('# H\n\n## T\n\n| a | b |\n| --- | --- |\n| x\\|y | 1 |\n\nNote.\n');
    expect(printSection(section)).toBe('\nT\n  a    b\n  x|y  1\n  Note.');
  });
});

describe('a rival', () => {
  const script = (text: string) => {
    const file = join(temporaryFolder(), 'rival.mjs');
    writeFileSync(file, text);
    return file;
  };

  it('draws when it is told to', async () => {
    const file = script(`
      import { createInterface } from 'node:readline';
      const settings = JSON.parse(process.argv[2]);
      console.log(JSON.stringify({ torch: '9.9', threads: settings.threads }));
      for await (const line of createInterface({ input: process.stdin }))
        console.log(JSON.stringify({ milliseconds: JSON.parse(line).precision === 'float32' ? 5 : 2, processor: 9, codes: [1, 2] }));`);
    const rival = await startRival(process.execPath, file, { threads: 3 });
    expect(rival.name).toBe('PyTorch 9.9, 3 threads');
    expect(await rival.draw('float32')).toEqual({ milliseconds: 5, processor: 9, codes: [1, 2] });
    expect((await rival.draw('bfloat16')).milliseconds).toBe(2);
    await rival.close();
  });

  it('that fails is told of with its last words', async () => {
    const broken = script(`console.error('Traceback'); console.error('ModuleNotFoundError: torch'); process.exit(1);`);
    await expect(startRival(process.execPath, broken, {})).rejects.toThrow('ended: ModuleNotFoundError: torch');
    await expect(startRival('/nowhere/python', broken, {})).rejects.toThrow(/"\/nowhere\/python" could not be started/);
  });
});
