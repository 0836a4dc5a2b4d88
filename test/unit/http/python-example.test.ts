/** examples/python/draw.py as people start it: it draws, goes on where a stream broke off, cancels, and says what was refused. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../../scripts/paths.mjs';
import { startCompanion, type TestCompanion } from '../../support/companion.js';
import { createFakeEngine, drawAll } from '../../support/fake-engine.js';

const PYTHON = process.env['TWOSTEP_PYTHON'] ?? 'python3';
const hasPython = spawnSync(PYTHON, ['--version']).status === 0;

describe.skipIf(!hasPython)('draw.py', () => {
  let companion: TestCompanion;
  beforeAll(async () => {
    const engine = createFakeEngine((request) =>
      request.prompt === 'hang'
        ? [{ type: 'hang' }]
        : drawAll(request).flatMap((step) => [{ type: 'wait', milliseconds: 50 } as const, step]),
    );
    companion = await startCompanion({ engine });
  });
  afterAll(() => companion.close());

  function run(...args: string[]): {
    child: ChildProcess;
    ended: Promise<{ code: number | null; out: string; errors: string }>;
  } {
    const child = spawn(PYTHON, [inRoot('examples', 'python', 'draw.py'), ...args], {
      env: { ...process.env, TWOSTEP_KEY: companion.token },
    });
    let [out, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const ended = new Promise<{ code: number | null; out: string; errors: string }>((resolve) =>
      child.on('close', (code) => resolve({ code, out, errors })),
    );
    return { child, ended };
  }

  it('draws what it is asked for, and goes on at the next address where a stream breaks', async () => {
    // The first gateway takes everything and cuts each stream after some bytes.
    const cutting = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
        const answer = await fetch(companion.url + request.url, {
          method: request.method ?? 'GET',
          headers: headers as Record<string, string>,
          ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
        });
        response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') ?? '' });
        if (!request.url?.endsWith('/events')) return void response.end(Buffer.from(await answer.arrayBuffer()));
        for await (const part of answer.body ?? []) {
          response.write(part);
          if (Buffer.from(part as Uint8Array).includes('event: picture')) return void response.destroy();
        }
      })().catch(() => response.destroy());
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => cutting.once('listening', resolve));
    const out = mkdtempSync(join(tmpdir(), 'twostep-python-'));
    const first = `http://127.0.0.1:${(cutting.address() as AddressInfo).port}`;
    const { code, errors } = await run(
      'owl',
      '--seed',
      '7',
      '--count',
      '3',
      '--out',
      out,
      '--url',
      first,
      '--url',
      companion.url,
    ).ended;
    cutting.close();
    expect([code, errors.replaceAll(/\r *\d+%/g, '')]).toEqual([0, '']);
    expect(readdirSync(out).sort()).toEqual(['7.png', '8.png', '9.png']);
    expect(readFileSync(join(out, '9.png'), 'utf8')).toBe('picture 9');
  });

  it('cancels when it is stopped', async () => {
    const { child, ended } = run('hang', '--url', companion.url);
    await expect.poll(() => companion.jobs.counts().running).toBe(1);
    // Until it listens there is nothing to interrupt but the asking.
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    await expect.poll(() => companion.jobs.counts().running).toBe(0);
  });

  it('says what the companion says', async () => {
    const { code, errors } = await run('owl', '--model', 'nothing', '--url', companion.url).ended;
    expect([code, errors]).toEqual([1, 'There is no model "nothing"; there are: test-pack.\n']);
  });
});
