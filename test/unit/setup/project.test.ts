/** What must stay true of the project's own files. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { explain } from '../../../scripts/install.mjs';
import { collectLicences } from '../../../scripts/licences.mjs';
import { ROOT } from '../../../scripts/paths.mjs';
import { describeSizes, SIZES, writtenSizes } from '../../../scripts/sizes.mjs';
import { EXIT } from '../../../server/node/exit-codes.js';

const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const manifest = JSON.parse(read('package.json'));
const lock = JSON.parse(read('package-lock.json'));

it('the lock file names no address to download from', () => {
  const entries = Object.entries<{ resolved?: string; link?: boolean }>(lock.packages);
  const addresses = entries.filter(([, { resolved, link }]) => resolved !== undefined && !link);
  expect(entries.length).toBeGreaterThan(100);
  expect(addresses).toEqual([]);
  expect(read('.npmrc')).toContain('omit-lockfile-registry-resolved=true');
  const unsigned = Object.entries<{ integrity?: string; link?: boolean }>(lock.packages).filter(
    ([path, { integrity, link }]) => path.includes('node_modules/') && !link && integrity === undefined,
  );
  expect(unsigned).toEqual([]);
});

it('there is one version of ONNX Runtime', () => {
  const versions = Object.entries<{ version: string }>(lock.packages)
    .filter(([path]) => /node_modules\/onnxruntime-[a-z]+$/.test(path))
    .map(([path, { version }]) => [path, version]);
  expect(Object.fromEntries(versions)).toEqual({
    'node_modules/onnxruntime-common': '1.30.0',
    'node_modules/onnxruntime-node': '1.30.0',
    'node_modules/onnxruntime-web': '1.30.0',
  });
});

it('E4: what is published depends only on what can not be bundled, and on nothing that runs a script', () => {
  // Of zod only the declarations are needed: those of the library name its types.
  expect(Object.keys(manifest.dependencies)).toEqual(['onnxruntime-common', 'sharp', 'zod']);
  // The native parts of lmdb, whose JavaScript is bundled: those of the very version.
  expect(manifest.optionalDependencies).toEqual(lock.packages['node_modules/lmdb'].optionalDependencies);
  const runtime = Object.entries<{ dev?: boolean; hasInstallScript?: boolean }>(lock.packages).filter(
    ([, { dev }]) => !dev,
  );
  expect(runtime.length).toBeGreaterThan(20);
  expect(runtime.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
});

it("E6: npm is told nothing that it doesn't know, and `npm ci` by hand fetches no CUDA all the same", () => {
  const known = ['omit-lockfile-registry-resolved', 'fund', 'audit'];
  const said = read('.npmrc')
    .split('\n')
    .flatMap((line) => /^([^#;=\s]+)\s*=/.exec(line)?.[1] ?? []);
  expect(said.filter((name) => !known.includes(name))).toEqual([]);
  // npm from 11.19 on heeds allowScripts; earlier ones run a script only where the lock file says that there is one.
  expect(manifest.allowScripts['onnxruntime-node']).toBe(false);
  expect(
    lock.packages['node_modules/onnxruntime-node'].hasInstallScript,
    'npm wrote "hasInstallScript" for onnxruntime-node: take that line out of package-lock.json again',
  ).toBeUndefined();
});

it('the lock file is whole: what a package names is in it, for every system', () => {
  const find = (from: string, name: string): boolean => {
    const path = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
    if (path in lock.packages) return true;
    const end = from.lastIndexOf('node_modules/');
    return from !== '' && find(end <= 0 ? '' : from.slice(0, end - 1), name);
  };
  const missing = Object.entries<{ dependencies?: object; optionalDependencies?: object }>(lock.packages).flatMap(
    ([from, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies }).flatMap((name) =>
        find(from, name) ? [] : [`${from} needs ${name}`],
      ),
  );
  expect(missing).toEqual([]);
});

it('the scripts of packages were looked at: none runs', () => {
  const scripts = Object.entries<{ hasInstallScript?: boolean }>(lock.packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
  const missing = scripts.filter((name) => manifest.allowScripts[name] !== false && name !== 'fsevents');
  expect(missing).toEqual([]);
});

it('E1: no source takes the Windows-1252 of TextDecoder for ISO 8859-1', () => {
  const files = execFileSync('git', ['ls-files', '*.ts', '*.tsx', '*.mjs'], { cwd: ROOT })
    .toString()
    .trim()
    .split('\n');
  // All of these labels mean Windows-1252 (WHATWG Encoding, 4.2); Node 20 alone took them at their word.
  const wrong = /TextDecoder\(\s*['"`](?:latin-?1|l1|ascii|us-ascii|binary|iso-?8859-?1|cp1252)['"`]/i;
  expect(files.length).toBeGreaterThan(300);
  expect(files.filter((file) => wrong.test(read(file)))).toEqual([]);
});

it('README.md lists the verbs, the exit codes and every folder', () => {
  const readme = read('README.md');
  for (const verb of Object.keys(manifest.scripts).filter((name) => !/^(pre|post)/.test(name)))
    expect(readme).toMatch(new RegExp(`npm (run )?${verb}\\b`));
  for (const code of Object.values(EXIT)) expect(readme).toMatch(new RegExp(`^\\| ${code} +\\|`, 'm'));
  // What git knows of: an empty folder, or one of tomorrow, need not be explained today.
  const files = execFileSync('git', ['ls-files', 'models', 'server', 'test', 'plugin', 'ui'], { cwd: ROOT }).toString();
  const folders = new Set(files.split('\n').flatMap((path) => /^[^/]+\/([^/]+)\//.exec(path)?.[1] ?? []));
  expect(folders.size).toBeGreaterThan(10);
  for (const folder of folders) expect(readme, folder).toMatch(new RegExp(`^ *${folder}/ +\\S`, 'm'));
});

it('E8: the figures of README.md are those that were measured', () => {
  expect(writtenSizes(read('README.md'))).toBe(describeSizes(JSON.parse(readFileSync(SIZES, 'utf8'))));
});

it('the reason of a failed install is told first', () => {
  expect(explain('npm error code ENOTFOUND\nnpm error network request failed')).toMatch(
    /^The package registry can't be reached \(ENOTFOUND\)\./,
  );
  expect(explain('npm error code EACCES')).toMatch(
    /can't be written\. Twostep installs and builds inside its own folder/,
  );
  expect(explain('npm error code ENOSPC')).toMatch(/^The disk is full/);
  expect(explain('npm error code EUSAGE\nnpm error out of sync')).toMatch(/^npm could not install[\s\S]*out of sync$/);
});

it('bundled packages come with the text of their licence', () => {
  const text = collectLicences([
    'node_modules/zod/index.js',
    'node_modules/@bufbuild/protobuf/dist/esm/wire/varint.js',
  ]);
  expect(text).toMatch(/zod \S+ \(MIT\)[\s\S]*Permission is hereby granted/);
  expect(text).toMatch(/@bufbuild\/protobuf \S+ \(\(Apache-2\.0 AND BSD-3-Clause\)\)[\s\S]*Copyright 2008 Google/);
  expect(() => collectLicences(['node_modules/lightningcss/node/index.js'])).toThrow(/lightningcss .* "MPL-2\.0"/);
});
