/** Which lines `npm run check` refuses because they ask for a model family by name. */
import { expect, it } from 'vitest';
import { findAllAsking, findAsking } from '../../../scripts/families.mjs';

it.each([
  "if (schedule.kind === 'student') draw();",
  'switch (request.schedule.kind) {',
  "const isRefined = pack.student?.kind === 'flow-head';",
  "if (family.kind === 'llamagen') draw();",
  "if (kind !== 'var') draw();",
  "    case 'two-head':",
])('refuses %s', (line) => {
  expect(findAsking('server/warm-up.ts', `\n${line}`)).toEqual([`server/warm-up.ts:2: ${line.trim()}`]);
});

it.each([
  "const schedule = { kind: 'student', steps: 1 };",
  "if (prompt.kind === 'text') read();",
  'const { kind } = family;',
])('has nothing against %s', (line) => {
  expect(findAsking('server/warm-up.ts', line)).toEqual([]);
});

it('lets a family ask in its own folders, and one file say what a schedule means', () => {
  const line = "if (schedule.kind === 'student' && student.kind === 'flow-head') draw();";
  for (const path of [
    'models/families/llamagen/sample.ts',
    'models/import/llamagen/parts.ts',
    'models/request/schedule.ts',
  ])
    expect(findAsking(path, line)).toEqual([]);
  expect(findAsking('models/families/family.ts', line)).toHaveLength(1);
});

it('finds none in the sources of now', () => {
  expect(findAllAsking()).toEqual([]);
});
