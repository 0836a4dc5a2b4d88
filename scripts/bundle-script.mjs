/** One script of everything that an entry imports. */
import { SetupError } from './child.mjs';
import { ROOT } from './paths.mjs';

/**
 * @param {string} entry @param {string} target
 * @param {import('esbuild').Plugin[]} [plugins] for tests that put something of their own in the place of sources
 * @returns {Promise<{ script: Uint8Array, inputs: string[] }>}
 */
export async function bundleScript(entry, target, plugins = []) {
  const { build } = await import('esbuild');
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    plugins,
    format: 'iife',
    platform: 'browser',
    target,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  }).catch((/** @type {Error} */ error) => {
    throw new SetupError(`The sources could not be bundled: ${error.message}`);
  });
  const [file] = result.outputFiles;
  if (!file) throw new SetupError(`${entry} gave no bundle.`);
  return { script: file.contents, inputs: Object.keys(result.metafile.inputs) };
}
