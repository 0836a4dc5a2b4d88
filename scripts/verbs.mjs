/** What each verb of package.json needs, and what it runs. */
import { pathToFileURL } from 'node:url';
import { describeBuild } from './build.mjs';
import { check } from './check.mjs';
import { runChild, SetupError } from './child.mjs';
import { declareLibrary } from './library.mjs';
import { inRoot, ROOT } from './paths.mjs';
import { prepare } from './prepare.mjs';
import { reference } from './reference.mjs';
import { addRuntime } from './runtime-files.mjs';
import { sizes } from './sizes.mjs';
import { stage } from './stage.mjs';
import { watch } from './watch.mjs';

/** @typedef {{ packages: import('./install.mjs').PackageSet, build: boolean | 'always', run: (args: string[]) => Promise<number | undefined> }} Verb */

const COMMAND = inRoot('dist', 'twostep.js');

/** @type {Record<string, Verb>} */
const VERBS = {
  start: { packages: 'run', build: true, run: (args) => command(['start', ...args]) },
  test: { packages: 'all', build: true, run: (args) => vitest(args) },
  // Type checking and linting read the sources, not dist/.
  check: { packages: 'all', build: false, run: check },
  build: { packages: 'run', build: 'always', run: buildOrWatch },
  // What npm's `prepack` runs: all that is published lies in dist/ then.
  pack: { packages: 'all', build: 'always', run: prepack },
  bench: { packages: 'run', build: true, run: (args) => command(['bench', ...args]) },
  'bench:browser': {
    packages: 'all',
    build: false,
    run: (args) =>
      vitest(['--project', 'panel', 'test/panel/bench.test.ts', '--testTimeout', '900000', ...args], {
        TWOSTEP_BENCH: '1',
      }),
  },
  reference: { packages: 'all', build: false, run: reference },
  sizes: { packages: 'run', build: false, run: async (args) => void (await sizes(args)) },
  fuzz: {
    packages: 'all',
    build: false,
    run: (args) =>
      vitest(['--project', 'fuzz', ...args], { TWOSTEP_FUZZ_FILES: process.env['TWOSTEP_FUZZ_FILES'] ?? '10000' }),
  },
};

/** @param {string[]} argv the verb and its arguments */
export async function runVerb([name = '', ...args]) {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  try {
    const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
    if (!verb) throw new SetupError(`"${name}" is not a verb; there are ${Object.keys(VERBS).join(', ')}.`, 2);
    await prepare(verb);
    process.exitCode = (await verb.run(args)) ?? process.exitCode;
  } catch (error) {
    const told = error instanceof SetupError ? error : explainReadOnly(error);
    if (!told) throw error;
    console.error(told.message);
    process.exitCode = told.exitCode;
  }
}

/** A checkout that belongs to somebody else, or lies on a disk that can only be read. @param {unknown} error @returns {SetupError | null} */
function explainReadOnly(error) {
  const { code = '', path = '' } = /** @type {NodeJS.ErrnoException} */ (error instanceof Error ? error : {});
  if (!['EACCES', 'EPERM', 'EROFS'].includes(code) || !path.startsWith(ROOT)) return null;
  return new SetupError(
    `${path} can't be written (${code}). Twostep installs and builds inside its own folder: make ${ROOT} yours, or copy it to a folder that is (cp -r) and run the same command there.`,
  );
}

/**
 * Runs the `twostep` command in this very process: no second start of Node, and Ctrl-C reaches it directly.
 * It sets process.exitCode itself.
 * @param {string[]} args
 * @returns {Promise<undefined>}
 */
async function command(args) {
  process.argv = [process.execPath, COMMAND, ...args];
  await import(pathToFileURL(COMMAND).href);
}

/** It has been built by now; `npm pack --json` owns stdout. @returns {Promise<undefined>} */
async function prepack() {
  await stage('Writing declarations', declareLibrary);
  await addRuntime();
}

/** It has been built by now. @param {string[]} args @returns {Promise<undefined>} */
async function buildOrWatch(args) {
  const unknown = args.find((arg) => arg !== '--watch');
  if (unknown !== undefined) throw new SetupError(`"${unknown}" is not an option of build; there is --watch.`, 2);
  if (args.length === 0 && !(await stage('Writing declarations', declareLibrary)))
    console.error('Declarations of the library are left out: TypeScript, which writes them, comes with npm ci.');
  console.log(describeBuild().join('\n'));
  return args.length > 0 ? watch() : undefined;
}

/** @param {string[]} args @param {Record<string, string>} [env] */
async function vitest(args, env = {}) {
  const { code } = await runChild(process.execPath, [inRoot('node_modules', 'vitest', 'vitest.mjs'), 'run', ...args], {
    env,
  });
  return code;
}
