/**
 * `npm run reference`: the reference of the library, from its sources, and of the companion's HTTP, from its own description, as pages in
 * reference/. What is wrong in a doc comment (a link to nothing, a parameter that there is not) ends it with 1.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild, SetupError } from './child.mjs';
import { DECLARED } from './library.mjs';
import { inRoot, ROOT } from './paths.mjs';

const OUT = inRoot('reference');

/** @param {string[]} args @returns {Promise<number>} exit code */
export async function reference(args) {
  if (args.length > 0) throw new SetupError(`"${args[0]}" is not an option of reference; there is none.`, 2);
  const { code } = await runChild(
    process.execPath,
    [
      inRoot('node_modules', 'typedoc', 'bin', 'typedoc'),
      ...DECLARED.flatMap((path) => ['--entryPoints', path]),
      ...[
        '--tsconfig',
        join('server', 'library', 'tsconfig.json'),
        '--out',
        OUT,
        '--readme',
        join('examples', 'README.md'),
      ],
      ...['--name', 'Twostep', '--excludeInternal', '--excludePrivate', '--disableSources', '--treatWarningsAsErrors'],
      // Types of which only parts are public, such as a family's session.
      ...['--validation.notExported', 'false', '--validation.invalidPath', 'false', '--skipErrorChecking'],
    ],
    { cwd: ROOT },
  );
  if (code !== 0) return code;
  const { api, page } = await describeHttp();
  mkdirSync(OUT, { recursive: true });
  writeFileSync(join(OUT, 'openapi.json'), JSON.stringify(api, null, 2));
  writeFileSync(join(OUT, 'http.html'), page);
  console.log(
    'reference/index.html is of the library, reference/http.html and reference/openapi.json of the companion.',
  );
  return 0;
}

/** What the companion answers at /openapi.json and /docs. @returns {Promise<{ api: unknown, page: string }>} */
async function describeHttp() {
  const { build } = await import('esbuild');
  const { version } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    stdin: {
      contents: "export { describeApi } from './openapi.ts'; export { renderDocs } from './docs.ts';",
      resolveDir: inRoot('server', 'companion', 'http'),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['sharp', 'lmdb', 'onnxruntime-node'],
    write: false,
    logLevel: 'silent',
  });
  const { describeApi, renderDocs } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? []).toString('base64')}`
  );
  const api = describeApi(version);
  return { api, page: renderDocs(api) };
}
