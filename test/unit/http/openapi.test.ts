/** C7: the description passes the linters and generators that people use, and what they make of it compiles. */
import { BaseResolver, createConfig, lintDocument, makeDocumentFromString } from '@redocly/openapi-core';
import openapiTypescript, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { describeApi, OPERATIONS } from '../../../server/companion/http/openapi.js';

const api = describeApi('1.2.3');

it('C7: redocly has nothing to say against it', async () => {
  const document = makeDocumentFromString(JSON.stringify(api), 'openapi.json');
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintDocument({ document, config, externalRefResolver: new BaseResolver() });
  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
});

/** Types as a client has them, and a use of them that must compile. */
const USE = `
import type { components, operations } from './api';
declare const answer: components['schemas']['ImagesAnswer'];
const text: string | undefined = answer.data[0]?.b64_json;
const remarks: string[] = answer.twostep.remarks;
declare const event: components['schemas']['JobEvent'];
if (event.type === 'picture') event.png.toUpperCase();
declare const streamed: components['schemas']['ImagesStreamEvent'];
if (streamed.type === 'error') streamed.error.message.toUpperCase();
const asked: operations['generateImages']['requestBody']['content']['application/json'] = { prompt: 'owl', n: 2 };
// @ts-expect-error A prompt is needed.
const wrong: components['schemas']['ImagesRequest'] = { n: 2 };
export { text, remarks, asked, wrong };
`;

it('C7: openapi-typescript makes types of it that compile, by good names', { timeout: 120_000 }, async () => {
  const types = astToString(await openapiTypescript(JSON.stringify(api)));
  const files: Record<string, string> = { '/api.ts': types, '/use.ts': USE };
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
    // Only for the types of the language itself.
    lib: ['lib.es5.d.ts'],
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => name in files || fileExists(name);
  host.readFile = (name) => files[name] ?? readFile(name);
  host.getSourceFile = (name, target) =>
    files[name] === undefined ? getSourceFile(name, target) : ts.createSourceFile(name, files[name], target);
  const program = ts.createProgram(['/use.ts'], options, host);
  expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText)).toEqual([]);
});

it('C7: every operation and every body has a name of its own', () => {
  const ids = Object.values(OPERATIONS).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z]+([A-Z][a-z]+)*$/);
  const { paths } = api as { paths: Record<string, Record<string, { requestBody?: unknown; responses: unknown }>> };
  for (const { requestBody, responses } of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    const refs = JSON.stringify([requestBody ?? null, responses]);
    // Nothing larger than a list or a file is written out in place.
    expect(refs).not.toContain('"properties":{"id"');
  }
});
