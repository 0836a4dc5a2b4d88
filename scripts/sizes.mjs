/**
 * `npm run sizes`: what a fresh clone installs and what `npm pack` makes, measured. README.md has these figures between two
 * marks and install.mjs in sizes.json, so that nobody writes them by hand; `-- --write` puts them there.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runChild, SetupError } from './child.mjs';
import { inRoot, ROOT } from './paths.mjs';
import { stage } from './stage.mjs';

/** @typedef {{ packages: number, megabytes: number }} Weight */
/** @typedef {{ run: Weight, all: Weight, packed: { megabytes: number }, bundles: Record<string, number> }} Sizes */

export const SIZES = inRoot('scripts', 'sizes.json');
const README = inRoot('README.md');
const MARKS = /(<!-- sizes: npm run sizes -- --write -->\n)[\s\S]*?(<!-- \/sizes -->)/;
/** `twostep`: command, companion and workers, with the chunks that they share. */
const BUNDLES = ['twostep', 'panel.html'];

/** @param {string[]} args */
export async function sizes(args) {
  const unknown = args.find((arg) => arg !== '--write');
  if (unknown !== undefined) throw new SetupError(`"${unknown}" is not an option of sizes; there is --write.`, 2);
  const measured = await measure();
  console.log(describeSizes(measured));
  if (args.length === 0) return;
  writeFileSync(SIZES, `${JSON.stringify(measured, null, 2)}\n`);
  writeFileSync(README, readFileSync(README, 'utf8').replace(MARKS, `$1${describeSizes(measured)}\n$2`));
}

/** @param {Sizes} sizes @returns {string} the sentences of README.md */
export function describeSizes({ run, all, packed, bundles }) {
  const weights = BUNDLES.map((name) => `\`${name}\` ${((bundles[name] ?? 0) / 1e6).toFixed(1)}`);
  return [
    `On Linux \`npm start\` installs ${run.packages} packages, ${run.megabytes} MB on disk; \`npm test\` brings that to`,
    `${all.packages} packages and ${all.megabytes} MB. The packed file has ${packed.megabytes} MB.`,
    `Bundles, in MB: ${weights.join(', ')}.`,
  ].join('\n');
}

/** @param {string} readme @returns {string | undefined} what stands between the marks */
export const writtenSizes = (readme) => MARKS.exec(readme)?.[0].split('\n').slice(1, -1).join('\n');

/** @returns {Promise<Sizes>} */
async function measure() {
  const parent = mkdtempSync(join(tmpdir(), 'twostep-sizes-'));
  const clone = join(parent, 'clone');
  try {
    copyCheckout(clone);
    const runs = async (/** @type {string} */ title, /** @type {string[]} */ ...args) =>
      stage(title, async () => {
        const { code, output } = await runChild('npm', args, {
          cwd: clone,
          capture: true,
          shell: process.platform === 'win32',
        });
        if (code !== 0) throw new SetupError(`npm ${args.join(' ')} failed:\n${output}`);
      });
    await runs('Installing what runs', 'run', 'build');
    const run = weigh(join(clone, 'node_modules'));
    await runs('Packing', 'pack', '--silent', '--pack-destination', parent);
    const archive = readdirSync(parent).find((name) => name.endsWith('.tgz')) ?? '';
    const packed = { megabytes: megabytes(statSync(join(parent, archive)).size) };
    const weighFile = (/** @type {string} */ name) => statSync(join(clone, 'dist', name)).size;
    const scripts = readdirSync(join(clone, 'dist')).filter((name) => name.endsWith('.js') && name !== 'plugin.js');
    const bundles = {
      twostep: scripts.reduce((sum, name) => sum + weighFile(name), 0),
      'panel.html': weighFile('panel.html'),
    };
    await runs('Installing what tests', 'ci', '--ignore-scripts', '--prefer-offline');
    return { run, all: weigh(join(clone, 'node_modules')), packed, bundles };
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

/** What git knows or would add, as a fresh clone has it. @param {string} folder */
function copyCheckout(folder) {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  for (const path of listed.toString().split('\0')) {
    if (path === '' || path.startsWith('test/reference/') || !lstatSync(inRoot(path), { throwIfNoEntry: false }))
      continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(inRoot(path), join(folder, path));
  }
}

/** @param {string} modules a node_modules @returns {Weight} as npm counts packages and `du` counts bytes */
export function weigh(modules) {
  const { packages } = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
  const own = Object.entries(packages).filter(([, { link }]) => !link);
  return { packages: own.length, megabytes: megabytes(bytesOf(modules)) };
}

/** @param {string} folder @returns {number} bytes on disk, each file once */
function bytesOf(folder) {
  const seen = new Set();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.reduce((sum, entry) => {
    const { ino, blocks, size } = lstatSync(join(entry.parentPath, entry.name));
    if (seen.has(ino)) return sum;
    seen.add(ino);
    return sum + (blocks === undefined ? size : blocks * 512);
  }, 0);
}

/** @param {number} bytes */
const megabytes = (bytes) => Math.round(bytes / 1e6);
