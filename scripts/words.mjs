/**
 * Part of `npm run check`: words that have a better one (docs/GLOSSARY.md has those that are said), and the width of prose. Run by check.mjs; prints
 * faults and ends with 1 if there are any.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { inRoot, ROOT } from './paths.mjs';

/** As whole words, in sources and prose. The rest of the pattern is where they mean something else. */
const BANNED = /** @type {const} */ ([
  [/\bRung\b|\brungs\b|\b(best|one|this|last|next) rung\b/, 'provider'],
  [/\bclimb(s|ed|ing)?\b/i, 'select a provider'],
  [/\breread(s|ing)?\b/i, 'refinement pass'],
  [/\bhealed\b/, 'blended'],
  [/\bgoOn\b/, 'resume'],
  [/\b(create|open)(Keeper|Studio)\b/, 'storage, local engine'],
  [/\b(dictionary|codeBook)\b/, 'vocabulary, codebook'],
  [/\bgenerate (a |an )?pictures?\b/i, 'generate an image'],
  [/\b(utilis|leverag)(e|es|ed|ing)\b/i, 'use'],
]);

/** Columns of prose. Tables, addresses and what stands in fences are not wrapped. */
const WIDTH = 100;

const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
const paths = listed
  .toString()
  .split('\0')
  .filter((path) => /\.(ts|tsx|mjs|js|css|html|md)$/.test(path) && existsSync(inRoot(path)))
  // Generated; other people's words; and this list.
  .filter(
    (path) =>
      !/onnx\/proto\/|^models\/(packs|train)\/|^test\/reference\/|^models\/import\/labels\/NOTICE\.md$|^scripts\/words\.mjs$/.test(
        path,
      ),
  );

const faults = paths.flatMap((path) => [...findBanned(path), ...(path.endsWith('.md') ? findWide(path) : [])]);
if (faults.length > 0) {
  process.stdout.write(`${faults.join('\n')}\n`);
  process.exitCode = 1;
}

/** @param {string} path @returns {string[]} */
function findBanned(path) {
  return linesOf(path).flatMap((line, index) =>
    BANNED.flatMap(([word, better]) => {
      const found = word.exec(line);
      return found ? [`${path}:${index + 1}: "${found[0]}": say ${better} (docs/GLOSSARY.md)`] : [];
    }),
  );
}

/** @param {string} path @returns {string[]} */
function findWide(path) {
  let fenced = false;
  return linesOf(path).flatMap((line, index) => {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
    const isProse = !fenced && !/^\s*(\||<|!\[|\[[^\]]+\]:|```)/.test(line) && !line.startsWith('    ');
    // What has no space beyond its beginning can't be wrapped.
    const canWrap = line
      .slice(0, WIDTH + 1)
      .trimStart()
      .replace(/^([-*>#]|\d+\.)\s+/, '')
      .includes(' ');
    return isProse && canWrap && line.length > WIDTH
      ? [`${path}:${index + 1}: ${line.length} columns, at most ${WIDTH}`]
      : [];
  });
}

/** @param {string} path */
function linesOf(path) {
  return readFileSync(inRoot(path), 'utf8').split('\n');
}
