/**
 * Bundles the `twostep` command with esbuild: one file an entry, everything inside except native packages, and chunks beside them for what
 * several share or few verbs need; beside it plugin, panel and playground (build-ui.mjs), and the licences of what is inside.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { bundleUi, UI_OUTPUTS } from './build-ui.mjs';
import { SetupError } from './child.mjs';
import { bundleEnginePage, ENGINE_PAGE_OUTPUTS } from './engine-page.mjs';
import { bundleLibrary, LIBRARY_OUTPUTS } from './library.mjs';
import { collectLicences } from './licences.mjs';
import { CACHE, inRoot, ROOT } from './paths.mjs';
import { removeRuntime } from './runtime-files.mjs';
import { stage } from './stage.mjs';

/**
 * Sources and what they become in dist/. `budget`: bytes that are read when it starts, chunks included, must stay below, so that weight is
 * noticed when it comes. What is imported later (the companion, the agents' protocol) counts for the sum alone.
 */
const ENTRIES = [
  { source: 'server/main.ts', output: 'twostep.js', budget: 850_000 },
  { source: 'server/engine/worker.ts', output: 'engine-worker.js', budget: 800_000 },
  { source: 'server/vector/worker.ts', output: 'vector-worker.js', budget: 500_000 },
  { source: 'server/pictures/decode-worker.ts', output: 'decode-worker.js', budget: 400_000 },
  // For programs of others: library.mjs has the rest of it.
  { source: 'server/library/node.ts', output: 'node.js', budget: 500_000 },
];
/** What verbs read later, and with it all that they can't begin without: a companion by itself must not grow by what only a shared queue needs. */
const VERBS = [{ source: 'server/companion/serve.ts', budget: 900_000 }];
/** Bytes of entries and chunks together. */
const BUDGET = 3_800_000;

/** Named by what is in them, so that a program that runs never reads a newer one. */
const CHUNK = /^chunk-[A-Z0-9]{8}\.js$/;

/** Bundled as a package of its own, because it looks for its native part by its own package.json. It is the JavaScript of npm's, without its install script. */
const STORE = { name: 'lmdb', output: 'lmdb/index.js', manifest: 'lmdb/package.json', budget: 300_000 };

const STAMP = join(CACHE, 'build.json');
const LICENCES = 'THIRD_PARTY.txt';

/** Everything in dist/ but the chunks. */
const OUTPUTS = [
  ...ENTRIES.map(({ output }) => output),
  STORE.output,
  STORE.manifest,
  ...UI_OUTPUTS.map(({ name }) => name),
  ...ENGINE_PAGE_OUTPUTS.map(({ name }) => `engine-page/${name}`),
  ...LIBRARY_OUTPUTS,
  LICENCES,
];

/** What a bundle is made of beside its own sources: when one of these changes, everything is built again. */
const INGREDIENTS = [
  'package-lock.json',
  'package.json',
  'tsconfig.json',
  'scripts/build.mjs',
  'scripts/build-ui.mjs',
  'scripts/bundle-script.mjs',
  'scripts/engine-page.mjs',
  'scripts/library.mjs',
  'scripts/licences.mjs',
  'scripts/runtime-files.mjs',
];

/**
 * Packages that use `require` or `__dirname` run as ES modules with this. The command starts with the first line, which package managers read to
 * write a starter of their own: pnpm's and Windows' know `node` alone there, no `env -S` and no variables.
 */
const BANNER = [
  '#!/usr/bin/env node',
  "import { createRequire as twostepCreateRequire } from 'node:module';",
  'const require = twostepCreateRequire(import.meta.url);',
].join('\n');

/** @returns {boolean} whether dist/ is what the sources of today would give */
export function isBuilt() {
  try {
    const { inputs, outputs } = JSON.parse(readFileSync(STAMP, 'utf8'));
    /** @type {[string, string][]} */
    const files = [...inputs, ...outputs];
    return files.every(([path, signature]) => signatureOf(path) === signature);
  } catch {
    return false;
  }
}

/**
 * Builds dist/.
 * @param {{ bell?: string }} [options] `bell`: where a playground hears that it should load again (watch.mjs)
 */
export async function build({ bell } = {}) {
  // In a checkout npm's own package is used, which may be newer.
  removeRuntime();
  await stage('Building dist/', () => bundle(bell));
}

/** @returns {string[]} a line for each file of dist/ */
export function describeBuild() {
  const weigh = (/** @type {string} */ name) => statSync(inRoot('dist', name)).size;
  const describe = (/** @type {string} */ name, /** @type {number} */ bytes) =>
    `dist/${name}  ${(bytes / 1000).toFixed(0)} kB`;
  const chunks = listChunks();
  return [
    ...OUTPUTS.map((name) => describe(name, weigh(name))),
    describe(
      `chunk-*.js (${chunks.length})`,
      chunks.reduce((sum, name) => sum + weigh(name), 0),
    ),
  ];
}

const listChunks = () => readdirSync(inRoot('dist')).filter((name) => CHUNK.test(name));

/** @param {string} [bell] */
async function bundle(bell) {
  const { build } = await import('esbuild');
  const { version, dependencies } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES.map(({ source, output }) => ({ in: source, out: output.replace(/\.js$/, '') })),
    outdir: 'dist',
    bundle: true,
    splitting: true,
    // Beside the entries: what looks for files beside the bundle finds them from a chunk as well.
    chunkNames: 'chunk-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // What has native parts stays a package of its own. Of zod only the declarations are needed (library.mjs).
    external: [...Object.keys(dependencies).filter((name) => name !== 'zod'), 'onnxruntime-node'],
    plugins: [
      {
        name: 'store',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^lmdb$/ }, () => ({ path: `./${STORE.output}`, external: true })),
      },
      {
        // BullMQ's statements for PostgreSQL, which it has instead of Redis where somebody asks for that.
        name: 'no-postgres',
        setup: ({ onLoad }) =>
          onLoad({ filter: /[\\/]bullmq[\\/].*[\\/]sql-scripts\.js$/ }, () => ({
            contents: 'export const SQL_COMMANDS = {}, SQL_MIGRATIONS = {};',
          })),
      },
    ],
    // 43 kB that prom-client loads for metrics of processes, which we do not ask it for; and what BullMQ reads calendars with, for jobs that
    // repeat, which ours do not.
    alias: {
      '@opentelemetry/api': inRoot('scripts', 'absent.mjs'),
      'cron-parser': inRoot('scripts', 'absent.mjs'),
    },
    banner: { js: BANNER },
    define: { TWOSTEP_VERSION: JSON.stringify(version) },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  }).catch((/** @type {Error} */ error) => {
    throw new SetupError(`The sources could not be bundled: ${error.message}`);
  });
  const weights = new Map(result.outputFiles.map(({ path, contents }) => [basename(path), contents.byteLength]));
  const sum = (/** @type {Iterable<string>} */ names) =>
    [...names].reduce((all, name) => all + (weights.get(name) ?? 0), 0);
  const checked = [
    ...ENTRIES.map(({ output, budget }) => ({
      what: output,
      bytes: sum(readAtStart(result.metafile, output)),
      budget,
    })),
    ...VERBS.map(({ source, budget }) => ({
      what: `the chunks of ${source}`,
      bytes: sum(readAtStart(result.metafile, chunkOf(result.metafile, source))),
      budget,
    })),
    { what: 'twostep.js with all chunks', bytes: sum(weights.keys()), budget: BUDGET },
  ];
  for (const { what, bytes, budget } of checked)
    if (bytes > budget)
      throw new SetupError(
        `dist/${what} has ${bytes} bytes, above its budget of ${budget} (scripts/build.mjs). ${describeWeight(result.metafile)}`,
      );
  for (const { path, contents } of result.outputFiles) write(path, contents, 0o755);
  for (const name of listChunks()) if (!weights.has(name)) rmSync(inRoot('dist', name));
  const store = await bundleStore();
  const ui = await bundleUi(bell);
  for (const { name, contents } of ui.outputs) write(inRoot('dist', name), contents, 0o644);
  const page = await bundleEnginePage();
  for (const [name, contents] of page.contents) write(inRoot('dist', 'engine-page', name), contents, 0o644);
  const library = await bundleLibrary();
  for (const { name, contents } of library.outputs) write(inRoot('dist', name), contents, 0o644);
  const sources = [...Object.keys(result.metafile.inputs), ...store, ...ui.inputs, ...page.inputs, ...library.inputs];
  write(inRoot('dist', LICENCES), collectLicences(sources), 0o644);
  // A page with a bell is for the length of the watch: the next verb builds one without.
  if (bell) rmSync(STAMP, { force: true });
  else writeStamp(sources);
}

/** @param {import('esbuild').Metafile} metafile @param {string} entry @returns {Set<string>} the entry and the chunks that it can't begin without */
function readAtStart({ outputs }, entry) {
  const names = new Set([entry]);
  for (const name of names)
    for (const { path, kind } of outputs[join('dist', name)]?.imports ?? [])
      if (kind === 'import-statement' && CHUNK.test(basename(path))) names.add(basename(path));
  return names;
}

/** @param {import('esbuild').Metafile} metafile @param {string} source that is imported later @returns {string} the name of its chunk */
function chunkOf({ outputs }, source) {
  const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === source);
  if (!found) throw new SetupError(`${source} is in no chunk of its own: something imports it from the start.`);
  return basename(found[0]);
}

/** @returns {Promise<string[]>} the sources of dist/lmdb */
async function bundleStore() {
  const { build } = await import('esbuild');
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [STORE.name],
    outfile: join('dist', STORE.output),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // A native reader of MessagePack, which is tried for and not needed.
    external: ['msgpackr-extract'],
    // Its other form is code for eval() that speaks of variables which bundling renames: reading a key would never end.
    alias: { 'ordered-binary': inRoot('node_modules', 'ordered-binary', 'dist', 'index.cjs') },
    banner: { js: BANNER.split('\n').slice(1).join('\n') },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const { version } = JSON.parse(readFileSync(inRoot('node_modules', STORE.name, 'package.json'), 'utf8'));
  for (const { path, contents } of result.outputFiles) write(path, contents, 0o644);
  write(inRoot('dist', STORE.manifest), JSON.stringify({ name: STORE.name, version, type: 'module' }), 0o644);
  return Object.keys(result.metafile.inputs);
}

/** @param {import('esbuild').Metafile} metafile @returns {string} the heaviest packages, in words */
function describeWeight(metafile) {
  /** @type {Map<string, number>} */
  const weights = new Map();
  for (const { inputs } of Object.values(metafile.outputs))
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'own sources';
      weights.set(name, (weights.get(name) ?? 0) + bytesInOutput);
    }
  const heaviest = [...weights].sort(([, a], [, b]) => b - a).slice(0, 5);
  return `The heaviest: ${heaviest.map(([name, bytes]) => `${name} ${bytes}`).join(', ')}.`;
}

/** Written whole or not at all: somebody may be running the file of before. @param {string} path @param {string | Uint8Array} contents @param {number} mode */
function write(path, contents, mode) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, contents, { mode });
  renameSync(temporary, path);
}

/** @param {string[]} sources as esbuild names them; packages among them are spoken for by the lock file */
function writeStamp(sources) {
  const own = sources.filter((path) => !path.includes('node_modules/') && existsSync(inRoot(path)));
  const inputs = [...new Set([...own, ...INGREDIENTS])];
  const outputs = [...OUTPUTS, ...listChunks()].map((name) => join('dist', name));
  const sign = (/** @type {string} */ path) => [path, signatureOf(path)];
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(STAMP, JSON.stringify({ inputs: inputs.map(sign), outputs: outputs.map(sign) }));
}

/** @param {string} path */
function signatureOf(path) {
  const { size, mtimeMs } = statSync(inRoot(path));
  return `${size} ${mtimeMs}`;
}
