/** `npm run check`: format and lint, types of every folder, unused code, the import table. A line for each; words only where something is wrong. */
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { runChild } from './child.mjs';
import { inRoot, ROOT } from './paths.mjs';

/** @typedef {{ title: string, command: string, args: string[] }} Check */

/** @param {string[]} args `--fix` lets the formatter and linter repair what they can @returns {Promise<number>} exit code */
export async function check(args) {
  const fix = args.includes('--fix');
  const start = performance.now();
  const waiting = checks(fix);
  const width = Math.max(...waiting.map(({ title }) => title.length));
  let failed = 0;
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const began = performance.now();
      const { code, output } = await runChild(process.execPath, [next.command, ...next.args], {
        capture: true,
        cwd: ROOT,
        env: { FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
      });
      if (code !== 0) failed += 1;
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${next.title.padEnd(width)}  ${seconds(began)}`);
      if (code !== 0) console.log(output.trim());
    }
  };
  // Each check is one busy process.
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  console.log(failed === 0 ? `All checks passed in ${seconds(start)}.` : `${failed} failed, in ${seconds(start)}.`);
  return failed === 0 ? 0 : 1;
}

/** @param {boolean} fix @returns {Check[]} the slow ones first */
function checks(fix) {
  const tool = (/** @type {string[]} */ ...parts) => inRoot('node_modules', ...parts);
  return [
    { title: 'types', command: inRoot('scripts', 'types.mjs'), args: [] },
    {
      title: 'unused code and packages',
      command: tool('knip', 'bin', 'knip.js'),
      args: ['--no-progress', '--treat-config-hints-as-errors'],
    },
    {
      title: 'import table',
      command: tool('dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
      args: [
        '--output-type',
        'err-long',
        'models',
        'server',
        'scripts',
        'test',
        ...['plugin', 'ui'].filter(hasSources),
      ],
    },
    { title: 'words and width of prose', command: inRoot('scripts', 'words.mjs'), args: [] },
    { title: 'model families', command: inRoot('scripts', 'families.mjs'), args: [] },
    {
      title: fix ? 'format and lint, repaired' : 'format and lint',
      command: tool('@biomejs', 'biome', 'bin', 'biome'),
      args: ['check', '--error-on-warnings', ...(fix ? ['--write'] : []), '.'],
    },
  ];
}

/** @param {string} folder @returns {boolean} */
const hasSources = (folder) =>
  existsSync(inRoot(folder)) &&
  readdirSync(inRoot(folder), { recursive: true }).some((name) => `${name}`.endsWith('.ts'));

/** @param {number} start */
const seconds = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;
