/**
 * No source outside a model family's own folders asks which family, or which network of one, it has before it: that is what
 * models/families/family.ts is for. Run by check.mjs; prints each line that does and ends with 1 if there are any.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { inRoot, ROOT } from './paths.mjs';

/** What a schedule means whoever draws it, in one place. */
const EXCEPT = ['models/request/schedule.ts'];

const FAMILIES = readdirSync(inRoot('models', 'families'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** A family has folders in these: what is drawn with, how its networks are written, how checkpoints become packs. */
const OWN = new RegExp(`^models/(families|nets|import)/(${FAMILIES.join('|')})/`);

const NAMES = [...FAMILIES, 'two-head', 'flow-head', 'teacher', 'mixed'].join('|');
const ASKS = new RegExp(
  [
    String.raw`\b(student|teacher|schedule)\??\.kind\b`,
    `\\bkind\\s*[!=]==?\\s*['"](${NAMES})['"]`,
    `\\bcase\\s+['"](${NAMES})['"]`,
  ].join('|'),
);

/** @param {string} path from the root, with slashes @param {string} text @returns {string[]} the lines that ask, as `path:line: text` */
export function findAsking(path, text) {
  if (OWN.test(path) || EXCEPT.includes(path)) return [];
  return text.split('\n').flatMap((line, index) => (ASKS.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []));
}

/** @returns {string[]} of all sources */
export function findAllAsking() {
  return ['models', 'server', 'ui', 'plugin', 'scripts'].flatMap((folder) =>
    readdirSync(inRoot(folder), { recursive: true, withFileTypes: true }).flatMap((entry) => {
      if (!entry.isFile() || !/\.(ts|tsx|mjs)$/.test(entry.name)) return [];
      const path = join(entry.parentPath ?? entry.path, entry.name);
      return findAsking(relative(ROOT, path).split(sep).join('/'), readFileSync(path, 'utf8'));
    }),
  );
}

if (process.argv[1] === inRoot('scripts', 'families.mjs')) {
  const found = findAllAsking();
  for (const line of found) console.log(line);
  if (found.length > 0) {
    console.log(
      'Ask the family instead: models/families/family.ts, or models/request/schedule.ts for what a schedule means.',
    );
    process.exitCode = 1;
  }
}
