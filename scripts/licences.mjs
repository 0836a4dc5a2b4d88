/** The licences of the packages that a bundle carries, as their authors ask: name, version, licence, text. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './child.mjs';
import { inRoot } from './paths.mjs';

/** Licences that let us ship the package inside a work under Apache-2.0. */
const ACCEPTED = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', '(Apache-2.0 AND BSD-3-Clause)'];

const RULE = `\n\n${'-'.repeat(80)}\n\n`;

/**
 * @param {string[]} inputs paths of bundled files, relative to the project
 * @returns {string}
 * @throws {SetupError} when a licence is not one of ours to ship, or its text can't be found
 */
export function collectLicences(inputs) {
  /** @type {Map<string, string[]>} files of each package */
  const packages = new Map();
  for (const path of inputs) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
    if (folder) packages.set(folder, [...(packages.get(folder) ?? []), path]);
  }
  const sections = [...packages.keys()].sort().map((folder) => describe(folder, packages.get(folder) ?? []));
  return `${['Packages that are bundled into the files beside this one, and their licences.', ...sections].join(RULE)}\n`;
}

/** The terms of MIT are one text but for the name in it. @param {string} license @param {string | { name?: string } | undefined} author @returns {string[]} */
function generic(license, author) {
  const name = typeof author === 'object' ? author.name : author;
  if (license !== 'MIT' || !name) return [];
  return [
    `Copyright (c) ${name}`,
    'Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:',
    'The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.',
    'THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.',
  ];
}

/** @param {string} folder @param {string[]} files @returns {string} */
function describe(folder, files) {
  const { name, version, license, author } = JSON.parse(readFileSync(inRoot(folder, 'package.json'), 'utf8'));
  if (!ACCEPTED.includes(license))
    throw new SetupError(
      `${name} ${version} would be bundled, but its licence is "${license}"; accepted are ${ACCEPTED.join(', ')}.`,
    );
  const texts = readdirSync(inRoot(folder))
    .filter((entry) => /^(licen[cs]e|copying|notice)/i.test(entry))
    .sort()
    .map((entry) => readFileSync(inRoot(join(folder, entry)), 'utf8').trim());
  // Some packages carry their licence only at the head of their files.
  const words = [texts, headers(files), generic(license, author)].find(({ length }) => length > 0) ?? [];
  if (words.length === 0) throw new SetupError(`${name} ${version} (${license}) carries no text of its licence.`);
  return [`${name} ${version} (${license})`, ...words].join('\n\n');
}

/** @param {string[]} files @returns {string[]} the different comments with a copyright at the head of these files */
function headers(files) {
  const heads = files.map(
    (file) => /^(?:\/\/.*\n)+|^\/\*[\s\S]*?\*\//.exec(readFileSync(inRoot(file), 'utf8'))?.[0] ?? '',
  );
  return [...new Set(heads.map((head) => head.trim()))].filter((head) => /copyright/i.test(head)).sort();
}
