/**
 * ONNX Runtime inside what is published, so that `npm install FILE` needs no variable and reaches nothing but the registry.
 *
 * npm's package onnxruntime-node has an install script that fetches NVIDIA's libraries from NuGet, some 300 MB, and fails where it can't be
 * reached. Nothing that a package can say keeps npm 10 and 11 or Yarn 1 from running a script of its dependencies (overrides, allowScripts
 * and .npmrc count in the root of an installation only; a shrinkwrap is not read from a file). So its files come along, without that step;
 * `twostep cuda` runs the script when somebody with an NVIDIA card asks. They are the same bytes that npm would fetch otherwise.
 */
import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { collectLicences } from './licences.mjs';
import { inRoot, ROOT } from './paths.mjs';

const PACKAGE = 'onnxruntime-node';
const FROM = join('node_modules', PACKAGE);
const TO = inRoot('dist', PACKAGE);
const LICENCES = 'THIRD_PARTY.txt';

/** macOS' library is there under two names, of which its binding knows the other. */
const TWICE = /libonnxruntime\.\d+\.\d+\.\d+\.dylib$/;

export function removeRuntime() {
  rmSync(TO, { recursive: true, force: true });
}

/** Puts the package into dist/; what is large is linked, not copied. */
export async function addRuntime() {
  removeRuntime();
  const from = inRoot(FROM);
  const files = ['dist', 'bin'].flatMap((folder) =>
    readdirSync(join(from, folder), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && /\.(js|node|dll|dylib|so[.\d]*)$/.test(entry.name) && !TWICE.test(entry.name),
      )
      // What `twostep cuda` fetched here is this machine's.
      .filter(({ name }) => !name.startsWith('libonnxruntime_providers_'))
      .map((entry) => join(entry.parentPath, entry.name).slice(from.length + 1)),
  );
  for (const path of files) link(join(from, path), join(TO, path));
  const { name, version, license, main } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  writeFileSync(join(TO, 'package.json'), JSON.stringify({ name, version, license, main }, null, 2));
  const sources = [...(await bundleInstaller()), ...files.map((path) => join(FROM, path))];
  writeFileSync(join(TO, LICENCES), collectLicences(sources.filter((path) => path.endsWith('.js'))));
}

/** Its script with what that needs, in the place from which it looks for the libraries. @returns {Promise<string[]>} its sources */
async function bundleInstaller() {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join(FROM, 'script', 'install.js')],
    outfile: join(TO, 'script', 'install.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  return Object.keys(metafile.inputs);
}

/** @param {string} from @param {string} to */
function link(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    // Another disk, or one without links.
    copyFileSync(from, to);
  }
}
