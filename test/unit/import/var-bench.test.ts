/** The bench of next-scale models, at a size that a test can wait for: that it goes all the way, not what it says. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FAMILIES } from '../../../models/families/all.js';
import type { Section } from '../../../models/import/bench/report.js';
import { runVarBench } from '../../../models/import/var/bench.js';
import { VAR_BENCH_SIZES } from '../../../models/import/var/bench-sizes.js';
import { openPack } from '../../../models/run/open.js';
import { filesOf, readPackFolder } from '../../../server/packs/folder.js';
import { temporaryFolder } from '../../support/random-packs.js';
import { loadRuntime } from '../../support/run-graph.js';

it('imports, converts and draws in every way, and says how they compare', { timeout: 120_000 }, async () => {
  const ort = await loadRuntime();
  const session = { executionProviders: ['cpu'], logSeverityLevel: 3 } as const;
  const sections: Section[] = [];
  const options = {
    ...{ folder: join(temporaryFolder(), 'bench'), noises: 1, rounds: 1 },
    open: (folder: string, pack: Parameters<typeof openPack>[0]['pack']) =>
      openPack({ pack, families: FAMILIES, files: filesOf({ folder, pack }), ort, session }),
    readPack: async (folder: string) => (await readPackFolder(folder)).pack,
  };
  let isDone = false;
  for await (const event of runVarBench(VAR_BENCH_SIZES['var-tiny'](), options, new AbortController().signal))
    if (event.type === 'section') sections.push(event);
    else if (event.type === 'done') isDone = true;
  expect(isDone).toBe(true);
  expect(sections.map(({ title }) => title)).toEqual(['Import', 'Precisions', 'One picture, steps and decoding']);
  const [, precisions, picture] = sections as [Section, Section, Section];
  expect(precisions.rows.map(([storage]) => storage)).toEqual(['exact', 'small', 'fast']);
  expect(picture.rows.map(([who]) => who)).toEqual([
    ...[
      'exact: 1 step',
      'exact: 2 steps',
      'exact: teacher',
      'small: 1 step',
      'small: 2 steps',
      'fast: 1 step',
      'fast: 2 steps',
    ],
  ]);
  for (const row of [...precisions.rows, ...picture.rows]) for (const cell of row) expect(cell).not.toContain('NaN');
});
