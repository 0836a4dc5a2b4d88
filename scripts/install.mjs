/**
 * Installing what the lock file says, and knowing whether that has been done.
 *
 * Two sets. `run`: what building and running needs; `all`: also the workspace in test/ with the tools that test and check. `npm start`
 * takes the first. What they weigh is in sizes.json.
 *
 * npm writes node_modules/.package-lock.json as the very last thing. We delete it before we start, so that an install
 * which was cut off is recognised by its absence and done again from nothing.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { exitCodeOf, runChild, SetupError } from './child.mjs';
import { CACHE, inRoot, ROOT } from './paths.mjs';
import { stage } from './stage.mjs';

/** @typedef {'run' | 'all'} PackageSet */

/** Measured by sizes.mjs. @type {{ run: { megabytes: number }, all: { megabytes: number } }} */
const SIZES = JSON.parse(readFileSync(new URL('./sizes.json', import.meta.url), 'utf8'));

const LOCK_FILE = inRoot('package-lock.json');
const DONE = inRoot('node_modules', '.package-lock.json');
const STAMP = join(CACHE, 'install.json');
const SYSTEM = `${process.platform}-${process.arch}`;

/** ONNX Runtime's install script would fetch CUDA libraries and fail where their host can't be reached; and it reports home unless told not to. */
const ENVIRONMENT = {
  ONNXRUNTIME_NODE_INSTALL: 'skip',
  ORT_DISABLE_TELEMETRY: '1',
  npm_config_loglevel: 'error',
  // npm tries three times over 70 s, which looks like hanging; these are three times over 6 s.
  npm_config_fetch_retry_mintimeout: '1000',
  npm_config_fetch_retry_maxtimeout: '5000',
};

/** npm's names for "could not get it from the registry", as they stand in its output. */
const NETWORK_FAULT =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|SELF_SIGNED_CERT_IN_CHAIN|E50[0-9]|E407)\b/;

/** @param {PackageSet} set @returns {boolean} */
export function isInstalled(set) {
  if (!existsSync(DONE) || directDependencies(set).some((name) => !existsSync(inRoot('node_modules', name))))
    return false;
  const stamp = readStamp();
  // Some packages hold programs for one system only.
  if (stamp && stamp.system !== SYSTEM) return false;
  if (stamp && stamp.done === signatureOf(DONE) && stamp.lock === hashOf(LOCK_FILE))
    return stamp.set === 'all' || stamp.set === set;
  // No stamp of ours, but somebody may have installed by hand.
  if (!agrees(set)) return false;
  writeStamp(set);
  return true;
}

/**
 * @param {PackageSet} set
 * @param {(pid: number) => void} onStart told the process number of npm
 */
export async function install(set, onStart) {
  const missing = readPackages(LOCK_FILE);
  if (!missing) throw new SetupError(`${LOCK_FILE} is missing or is not JSON. Restore it from the repository.`);
  // Packages that are there and right are kept when the tools for testing come in beside them.
  const adding = set === 'all' && isInstalled('run');
  rmSync(STAMP, { force: true });
  rmSync(DONE, { force: true });
  const args = [adding ? ['install', '--no-save'] : ['ci'], set === 'run' ? ['--workspaces=false'] : []].flat();
  const title = `Installing packages ${set === 'run' ? `to build and run (some ${SIZES.run.megabytes} MB)` : `to test and check as well (some ${SIZES.all.megabytes} MB in all)`}`;
  await stage(title, async () => {
    const npm = findNpm();
    const result = await runChild(npm.command, [...npm.args, ...args, '--prefer-offline', '--no-audit', '--no-fund'], {
      env: ENVIRONMENT,
      capture: true,
      shell: npm.shell,
      onStart,
      cwd: ROOT,
      // npm may go on to its end in spite of a signal; cutting it off is what the next run heals.
      patience: 2000,
    });
    if (result.signal)
      throw new SetupError('Interrupted; the next run begins this install again.', exitCodeOf(result.signal));
    if (result.code !== 0) throw new SetupError(explain(result.output));
    if (!existsSync(DONE))
      throw new SetupError(`npm ended well but left no ${DONE}. Delete node_modules and try again.`);
  });
  writeStamp(set);
}

/** @param {string} output npm's own words @returns {string} */
export function explain(output) {
  const fault = NETWORK_FAULT.exec(output)?.[1];
  if (fault) {
    const log = /A complete log of this run can be found in: .*/.exec(output)?.[0] ?? '';
    return `The package registry can't be reached (${fault}). Check the network or proxy and run the same command again; what was downloaded is kept in npm's cache. ${log}`.trimEnd();
  }
  const last = output.trimEnd().split('\n').slice(-12).join('\n');
  if (/\b(EACCES|EPERM|EROFS)\b/.test(output))
    return `${ROOT} can't be written. Twostep installs and builds inside its own folder: make it yours, or copy it to a folder that is.\n${last}`;
  if (/\bENOSPC\b/.test(output))
    return `The disk is full: installing needs up to ${SIZES.all.megabytes} MB in ${ROOT}.\n${last}`;
  return `npm could not install the packages:\n${last}`;
}

/** The npm that runs us, or else the first in the path. @returns {{ command: string, args: string[], shell: boolean }} */
function findNpm() {
  const script = process.env['npm_execpath'] ?? '';
  if (basename(script) === 'npm-cli.js') return { command: process.execPath, args: [script], shell: false };
  // On Windows npm is a .cmd file, which only a shell can start.
  return { command: 'npm', args: [], shell: process.platform === 'win32' };
}

/** @param {PackageSet} set @returns {boolean} whether all that npm says it installed is what the lock file wants */
function agrees(set) {
  const wanted = readPackages(LOCK_FILE);
  const present = readPackages(DONE);
  if (!wanted || !present) return false;
  const names = directDependencies(set).map((name) => `node_modules/${name}`);
  return (
    names.every((name) => present[name]) &&
    Object.entries(present).every(([path, entry]) => wanted[path]?.version === entry.version)
  );
}

/** @param {PackageSet} set @returns {string[]} */
function directDependencies(set) {
  const files = set === 'all' ? ['package.json', join('test', 'package.json')] : ['package.json'];
  return files.flatMap((file) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(inRoot(file), 'utf8'));
    return [...Object.keys(dependencies), ...Object.keys(devDependencies)];
  });
}

/** @param {string} path @returns {Record<string, { version?: string }> | null} */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return null;
  }
}

/** @returns {{ system: string, lock: string, done: string, set: PackageSet } | null} */
function readStamp() {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8'));
  } catch {
    return null;
  }
}

/** @param {PackageSet} set */
function writeStamp(set) {
  try {
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(STAMP, JSON.stringify({ system: SYSTEM, lock: hashOf(LOCK_FILE), done: signatureOf(DONE), set }));
  } catch (error) {
    // A checkout that is complete runs where it can't be written, too; it is only looked at more closely each time.
    if (!['EACCES', 'EPERM', 'EROFS'].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? '')) throw error;
  }
}

/** @param {string} path */
const hashOf = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** @param {string} path */
function signatureOf(path) {
  const { size, mtimeMs } = statSync(path);
  return `${size} ${mtimeMs}`;
}
