/** `twostep upstream`: what the owner adds, and how it is drawn with from the command line. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCommand } from '../../support/command.js';
import { answerJson, type ImageServer, type Manners, startImageServer } from '../../support/image-server.js';

let folder: string;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twostep-upstream-'));
  vi.stubEnv('TWOSTEP_DATA', folder);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  vi.unstubAllEnvs();
});

const path = () => join(folder, 'upstreams.json');
const stored = () => JSON.parse(readFileSync(path(), 'utf8')) as { upstreams: object[] };

async function serve(manners: Manners): Promise<ImageServer> {
  const server = await startImageServer(manners);
  closing.push(server.close);
  return server;
}

const listing =
  (...ids: (string | object)[]): Manners =>
  (_, response) =>
    answerJson(response, 200, { object: 'list', data: ids.map((id) => (typeof id === 'string' ? { id } : id)) });

describe('twostep upstream add', () => {
  it('asks the server for its models, and keeps the name of the key alone', async () => {
    const server = await serve(listing('sd-cpp-local'));
    const run = await runCommand(['upstream', 'add', 'studio', server.url, '--key-env', 'STUDIO_KEY'], {
      environment: { STUDIO_KEY: 'sk-very-secret' },
    });
    expect([run.exitCode, run.stdout]).toEqual([0, 'studio/sd-cpp-local\n']);
    expect(server.asked[0]?.headers.authorization).toBe('Bearer sk-very-secret');
    expect(stored().upstreams).toEqual([
      {
        name: 'studio',
        url: `${server.url}/v1`,
        keyEnv: 'STUDIO_KEY',
        models: ['sd-cpp-local'],
        size: { width: 1024, height: 1024 },
        without: [],
      },
    ]);
    expect(readFileSync(path(), 'utf8')).not.toContain('secret');
    if (process.platform !== 'win32') expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['by their names', ['gpt-4o', 'gpt-image-1', 'dall-e-3', 'whisper-1'], ['gpt-image-1', 'dall-e-3']],
    [
      'by what they say',
      [
        { id: 'a', task: 'text-to-image' },
        { id: 'b' },
        { id: 'c', architecture: { output_modalities: ['text', 'image'] } },
      ],
      ['a', 'c'],
    ],
  ])('of many models takes those that draw, %s', async (_, ids, models) => {
    const server = await serve(listing(...ids));
    expect((await runCommand(['upstream', 'add', 'big', server.url])).exitCode).toBe(0);
    expect(stored().upstreams).toMatchObject([{ models }]);
  });

  it.each([
    [
      'none of which draws',
      listing('gpt-4o', 'whisper-1'),
      /None of its models says that it draws \(gpt-4o, whisper-1\).*--model/,
    ],
    ['which is not there', ((_, response) => answerJson(response, 404, {})) as Manners, /is not there.*--model/],
    ['which is a page', ((_, response) => void response.end('<html>')) as Manners, /no list of models/],
    [
      'without a key',
      ((_, response) => answerJson(response, 401, { error: { message: 'No key' } })) as Manners,
      /wants a key.*No key/,
    ],
  ])('a list %s is told, with what to do', async (_, manners, words) => {
    const server = await serve(manners);
    const run = await runCommand(['upstream', 'add', 'x', server.url]);
    expect([run.exitCode, existsSync(path())]).toEqual([1, false]);
    expect(run.stderr).toMatch(words);
  });

  it('models that are declared are not asked for', async () => {
    const run = await runCommand([
      'upstream',
      'add',
      'x',
      'http://127.0.0.1:9',
      '--model',
      'a',
      'b',
      '--size',
      '512',
      '--without',
      'seed',
    ]);
    expect([run.exitCode, run.stdout]).toEqual([0, 'x/a\nx/b\n']);
    expect(stored().upstreams).toMatchObject([{ size: { width: 512, height: 512 }, without: ['seed'] }]);
  });

  it('says that a prompt leaves this machine, and adds nothing without a yes', async () => {
    const add = ['upstream', 'add', 'openai', 'https://api.openai.com/v1', '--model', 'gpt-image-1'];
    const said: string[] = [];
    const answer = (text: string) => async (question: string) => {
      said.push(question);
      return text;
    };
    expect((await runCommand(add, { ask: answer('') })).exitCode).toBe(1);
    expect(existsSync(path())).toBe(false);
    expect(said[0]).toContain(
      'This leaves your machine: api.openai.com gets the prompt, and may keep it and charge for it.',
    );
    // Nobody is at a terminal.
    expect((await runCommand(add)).stderr).toContain('--yes');
    expect((await runCommand(add, { ask: answer('y') })).exitCode).toBe(0);
    expect((await runCommand([...add, '--yes'])).stderr).toContain('This leaves your machine');
    expect(stored().upstreams.length).toBe(1);
  });

  it.each([
    [['Big Name', 'http://localhost:1', '--model', 'a'], /"name" is not a name/],
    [['x', 'https://user:pass@example.com', '--model', 'a'], /holds a key/],
    [['x', 'http://example.com', '--model', 'a', '--key-env', 'KEY'], /not encrypted/],
    [['x', 'http://localhost:1', '--model', 'a', '--key-env', 'sk-12345'], /"keyEnv"/],
  ])('%j is refused in words', async (args, words) => {
    const run = await runCommand(['upstream', 'add', ...args]);
    expect([run.exitCode, existsSync(path())]).toEqual([2, false]);
    expect(run.stderr).toMatch(words);
  });
});

it('list and remove', async () => {
  expect((await runCommand(['upstream', 'list'])).stderr).toContain('There are none');
  await runCommand(['upstream', 'add', 'x', 'http://127.0.0.1:9', '--model', 'a']);
  await runCommand(['upstream', 'add', 'y', 'http://127.0.0.1:9', '--model', 'b', '--key-env', 'Y_KEY']);
  expect((await runCommand(['upstream', 'list'])).stdout).toBe(
    'x  http://127.0.0.1:9/v1  no key  a\ny  http://127.0.0.1:9/v1  key in Y_KEY  b\n',
  );
  expect((await runCommand(['upstream', 'remove', 'x'])).exitCode).toBe(0);
  expect((await runCommand(['upstream', 'remove', 'x'])).exitCode).toBe(2);
  expect(stored().upstreams).toMatchObject([{ name: 'y' }]);
});

it.each([
  ['is no JSON', '{'],
  ['is of a newer version', JSON.stringify({ version: 9, upstreams: [] })],
  ['has a field too many', JSON.stringify({ version: 1, upstreams: [], key: 'sk' })],
])('settings that are damaged (%s) are told and kept', async (_, text) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path(), text);
  const run = await runCommand(['upstream', 'add', 'x', 'http://127.0.0.1:9', '--model', 'a']);
  expect([run.exitCode, readFileSync(path(), 'utf8')]).toEqual([1, text]);
  expect(run.stderr).toMatch(/upstreams\.json" can not be read/);
});
