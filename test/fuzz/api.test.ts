/**
 * Requests that schemathesis makes up from `/openapi.json`, right and wrong ones: none is answered with 5xx, and every answer is
 * of a kind that the description knows. It is a Python program (`pip install schemathesis`); without it this says so and skips.
 * TWOSTEP_SCHEMATHESIS is where it lies if not on the PATH, TWOSTEP_FUZZ_REQUESTS how many it makes up for each route.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it, vi } from 'vitest';
import { pullPack } from '../../server/packs/pull.js';
import { createPulls } from '../../server/packs/pulls.js';
import { createPngEngine, startCompanion } from '../support/companion.js';
import { describePack, writePack } from '../support/packs.js';

const run = promisify(execFile);
const PROGRAM = process.env['TWOSTEP_SCHEMATHESIS'] ?? 'schemathesis';
const REQUESTS = process.env['TWOSTEP_FUZZ_REQUESTS'] ?? '10';
const CHECKS = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance';

afterEach(() => void vi.unstubAllEnvs());

it('no request that schemathesis makes up is answered with 5xx or against the description', async ({ skip }) => {
  if (!(await run(PROGRAM, ['--version']).catch(() => null))) skip('schemathesis is not installed');
  const into = mkdtempSync(join(tmpdir(), 'twostep-fuzz-api-'));
  for (const name of ['TWOSTEP_PACKS', 'TWOSTEP_EMBEDDED_PACKS']) vi.stubEnv(name, into);
  const folder = writePack(mkdtempSync(join(tmpdir(), 'twostep-pack-')));
  const engine = createPngEngine();
  const companion = await startCompanion({
    engine,
    packs: [{ pack: describePack(), folder }],
    pulls: createPulls(
      (url, signal) => pullPack({ url, into, signal }),
      () => {},
    ),
  });
  // In a folder of its own, where it may keep what it likes.
  const told = await run(
    PROGRAM,
    [
      ...['run', `${companion.url}/openapi.json`, '--header', `Authorization: Bearer ${companion.token}`],
      ...['--checks', CHECKS, '--max-examples', REQUESTS, '--seed', '1', '--no-color', '--request-timeout', '20'],
      // Learning the id of its own token from the list, it would revoke it and be refused from then on.
      ...['--exclude-path', '/v1/tokens/{id}'],
    ],
    { cwd: into, maxBuffer: 1e8 },
  ).catch((error: { stdout: string; stderr: string }) => ({ stdout: error.stdout, stderr: `${error.stderr} failed` }));
  const faults = companion.lines.filter((line) => line.startsWith('fault'));
  await companion.close();
  expect(faults).toEqual([]);
  expect(told.stderr, told.stdout.slice(-20_000)).toBe('');
  // It was let in at every route, and some of its requests were drawn.
  expect(told.stdout).not.toContain('Authentication failed');
  expect(engine.requests.length).toBeGreaterThan(0);
});
