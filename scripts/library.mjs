/**
 * The core as a package for other programs (`exports` in package.json): scripts that run in Node, in browsers and in workers, each with
 * everything inside, and their declarations. What Node adds is an entry of the command's own bundle (build.mjs), whose chunks it shares.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SetupError } from './child.mjs';
import { inRoot, ROOT } from './paths.mjs';

const SOURCES = ['core', 'protocol', 'client'].map((name) => `models/library/${name}.ts`);
/** Entries and the chunks that they share, below dist/. */
const FOLDER = 'library';
/** Below dist/: a file for each source that an entry reaches. */
const TYPES = 'types';
/** Bytes of all of them together. */
const BUDGET = 800_000;

/** Files below dist/ whose names are known before. */
export const LIBRARY_OUTPUTS = SOURCES.map((source) => join(FOLDER, basename(source).replace('.ts', '.js')));

/** Sources whose declarations are published. */
export const DECLARED = [...SOURCES, 'server/library/node.ts'];

/** @returns {Promise<{ outputs: { name: string, contents: Uint8Array }[], inputs: string[] }>} */
export async function bundleLibrary() {
  const { build } = await import('esbuild');
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: SOURCES,
    outdir: join('dist', FOLDER),
    bundle: true,
    splitting: true,
    chunkNames: 'shared-[hash]',
    // Neither Node's modules nor a browser's globals are taken for granted.
    platform: 'neutral',
    mainFields: ['module', 'main'],
    format: 'esm',
    target: 'es2022',
    // Readable: whoever makes a page of it has a bundler that makes it small.
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  }).catch((/** @type {Error} */ error) => {
    throw new SetupError(`The library could not be bundled: ${error.message}`);
  });
  const bytes = result.outputFiles.reduce((sum, { contents }) => sum + contents.byteLength, 0);
  if (bytes > BUDGET)
    throw new SetupError(`dist/${FOLDER} has ${bytes} bytes, above its budget of ${BUDGET} (scripts/library.mjs).`);
  const names = new Set(result.outputFiles.map(({ path }) => basename(path)));
  // Chunks of before are imported by nothing any more.
  for (const name of existsSync(inRoot('dist', FOLDER)) ? readdirSync(inRoot('dist', FOLDER)) : [])
    if (!names.has(name)) rmSync(inRoot('dist', FOLDER, name));
  return {
    outputs: result.outputFiles.map(({ path, contents }) => ({ name: join(FOLDER, basename(path)), contents })),
    inputs: Object.keys(result.metafile.inputs),
  };
}

/**
 * Writes the declarations, by TypeScript itself. It is one of the tools for testing, so `npm start` does without them.
 *
 * @returns {Promise<boolean>} whether it is installed
 */
export async function declareLibrary() {
  if (!existsSync(inRoot('node_modules', 'typescript'))) return false;
  const { default: ts } = await import('typescript');
  const config = ts.getParsedCommandLineOfConfigFile(
    inRoot('server', 'tsconfig.json'),
    {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      stripInternal: true,
      rootDir: ROOT,
      outDir: inRoot('dist', TYPES),
      lib: ['lib.es2023.d.ts', 'lib.webworker.d.ts'],
    },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  );
  if (!config) throw new SetupError('server/tsconfig.json can not be read.');
  const program = ts.createProgram({ rootNames: DECLARED.map((path) => inRoot(path)), options: config.options });
  /** @type {{ name: string, contents: string }[]} */
  const files = [];
  const { diagnostics } = program.emit(undefined, (path, contents) => {
    files.push({ name: join(TYPES, path.slice(inRoot('dist', TYPES).length + 1)), contents });
  });
  const [fault] = diagnostics;
  if (fault) throw new SetupError(`No declarations: ${ts.flattenDiagnosticMessageText(fault.messageText, '\n')}`);
  rmSync(inRoot('dist', TYPES), { recursive: true, force: true });
  for (const { name, contents } of keepReachable(files)) {
    mkdirSync(dirname(inRoot('dist', name)), { recursive: true });
    writeFileSync(inRoot('dist', name), contents);
  }
  return true;
}

/** Only what the entries lead to: the rest of the program is nobody else's. @param {{ name: string, contents: string }[]} files */
function keepReachable(files) {
  const byName = new Map(files.map((file) => [file.name, file]));
  const wanted = new Set(DECLARED.map((path) => join(TYPES, path.replace(/\.ts$/, '.d.ts'))));
  for (const name of wanted)
    for (const [, path] of (byName.get(name)?.contents ?? '').matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g))
      wanted.add(join(dirname(name), `${path}`.replace(/\.js$/, '.d.ts')));
  return files.filter(({ name }) => wanted.has(name));
}
