#!/usr/bin/env node
/**
 * `node scripts/release.mjs 0.2.0`: makes a release of a clean `main` and leaves it in release/. It publishes nothing and pushes nothing.
 *
 * 1. Checks that the tree is clean and the version is new; runs `npm run check`.
 * 2. Moves "Unreleased" of CHANGELOG.md to the version, sets it in package.json, commits and tags.
 * 3. Packs what npm gets; zips the plugin for Figma; adds the licences; writes SHA256SUMS.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { inRoot, ROOT } from './paths.mjs';

/** What "Import plugin from manifest" needs, with the terms under which it may be handed on. */
const PLUGIN = ['manifest.json', 'dist/plugin.js', 'dist/panel.html', 'dist/THIRD_PARTY.txt', 'LICENSE', 'NOTICE'];
const LICENCES = ['LICENSE', 'NOTICE', 'dist/THIRD_PARTY.txt'];

/** @param {string} command @param {string[]} args @returns {string} */
const run = (command, ...args) =>
  execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** @param {string} text */
function fail(text) {
  console.error(text);
  process.exit(1);
}

/** @param {string} changelog @param {string} version @param {string} date @returns {string} */
export function closeSection(changelog, version, date) {
  const match = /^## Unreleased\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(changelog);
  if (!match?.[1]?.trim()) throw new Error('CHANGELOG.md has nothing below "Unreleased": what would be released?');
  return changelog.replace(/^## Unreleased\n/m, `## Unreleased\n\n## ${version} - ${date}\n`);
}

/** @param {string} folder */
function writeChecksums(folder) {
  const lines = readdirSync(folder)
    .sort()
    .map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}  ${name}\n`,
    );
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''));
}

/** @param {string} folder @param {string} version @returns {void} */
export function assemble(folder, version) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  run('npm', 'pack', '--silent', '--pack-destination', folder);
  /** @type {Record<string, Uint8Array>} */
  const files = {};
  for (const path of PLUGIN) files[`twostep-figma/${path}`] = new Uint8Array(readFileSync(inRoot(path)));
  // A fixed date: the same sources give the same bytes.
  writeFileSync(join(folder, `twostep-figma-${version}.zip`), zipSync(files, { mtime: '2000-01-01' }));
  for (const path of LICENCES) copyFileSync(inRoot(path), join(folder, path.split('/').at(-1) ?? path));
  writeChecksums(folder);
}

/** @param {string} version */
function release(version) {
  if (!/^\d+\.\d+\.\d+$/.test(version)) fail('Say the version: node scripts/release.mjs 0.2.0');
  if (run('git', 'status', '--porcelain').trim() !== '')
    fail('The tree is not clean: commit or put aside what changed.');
  if (run('git', 'tag', '--list', `v${version}`).trim() !== '') fail(`There is a tag v${version} already.`);
  execFileSync('npm', ['run', 'check'], { cwd: ROOT, stdio: 'inherit' });
  const changelog = inRoot('CHANGELOG.md');
  writeFileSync(
    changelog,
    closeSection(readFileSync(changelog, 'utf8'), version, new Date().toISOString().slice(0, 10)),
  );
  run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version');
  assemble(inRoot('release'), version);
  run('git', 'commit', '--quiet', '--all', '--message', `release: ${version}`);
  run('git', 'tag', '--annotate', `v${version}`, '--message', `Twostep ${version}`);
  console.log(
    `release/ is complete, and v${version} is tagged here. Push the tag, and publish what is in release/, when you have looked.`,
  );
}

if (process.argv[1]?.endsWith('scripts/release.mjs')) release(process.argv[2] ?? '');
