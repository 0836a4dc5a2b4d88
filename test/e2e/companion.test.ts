/** The companion as people run it: started, used, interrupted, killed and started again. */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Job, JobList } from '../../models/api.js';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../models/protocol.js';
import { createEngine } from '../../models/run/generate.js';
import { inRoot } from '../../scripts/paths.mjs';
import { collect, picturesOf } from '../support/engine-conformance.js';
import { makeClassPack, open } from '../support/random-packs.js';
import { COMMAND, findPort, type Served, startServing } from '../support/serve.js';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'twostep-e2e-'));
const environment = {
  HOME: join(folder, 'home'),
  TWOSTEP_DATA: join(folder, 'data'),
  TWOSTEP_PACKS: join(folder, 'packs'),
  TWOSTEP_EMBEDDED_PACKS: join(folder, 'none'),
  TWOSTEP_CACHE: join(folder, 'cache'),
  CI: '1',
};
const request: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'three',
  pack: 'tiny-classes',
  seeds: [1],
  schedule: { kind: 'student', steps: 2 },
  sampling: null,
  size: { width: 32, height: 32 },
  draft: false,
};

let served: Served | undefined;
let port = 0;
let token = '';
const twostep = (...args: string[]) =>
  run(process.execPath, [COMMAND, ...args], { env: { ...process.env, ...environment } });
const start = async (until?: string): Promise<Served> => {
  served = await startServing(environment, port, until);
  return served;
};
const ask = (path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${port}${path}`, {
    ...init,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...init.headers },
  });
const post = (path: string, body: unknown, init: RequestInit = {}) =>
  ask(path, { ...init, method: 'POST', body: JSON.stringify(body) });

/** Code of the README in a language, against this companion. */
function example(language: string): string {
  const readme = readFileSync(inRoot('server', 'README.md'), 'utf8');
  const code = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? '';
  return code.replaceAll('localhost:21212', `127.0.0.1:${port}`).replaceAll('a red circle', 'three');
}

let packFolder = '';
beforeAll(async () => {
  mkdirSync(environment.HOME, { recursive: true });
  packFolder = await makeClassPack();
  cpSync(packFolder, join(environment.TWOSTEP_PACKS, 'tiny-classes'), { recursive: true });
  port = await findPort();
  token = (await twostep('token', 'create', 'test')).stdout.trim();
});
afterAll(() => served?.end('SIGKILL'));

describe('the companion', () => {
  it('shows one screen, and draws the first picture within seconds of its start', async () => {
    const { output, pid } = await start();
    const answer = await post('/v1/images/generations', { prompt: 'three', seed: 1, size: '32x32' });
    expect(answer.status).toBe(200);
    // Time of the processor, which other programs do not lengthen: with all threads together it is no less than that of the clock.
    if (process.platform === 'linux') expect(cpuSecondsOf(pid)).toBeLessThan(3);
    expect(output()).toMatch(new RegExp(`Open +http://localhost:${port}/#pair=\\w{4}-\\w{4}`));
    for (const row of ['Pairing code', 'Pack +Tiny', 'Device +the processor', 'In Figma', 'Stop +Ctrl-C'])
      expect(output()).toMatch(new RegExp(`^  ${row}`, 'm'));
  });

  it('is found by a second start', async () => {
    expect((await twostep('serve')).stdout).toBe(`The companion runs already: http://localhost:${port}\n`);
  });

  it('serves ::1 as well, where there is IPv6', async ({ skip }) => {
    const answer = await fetch(`http://[::1]:${port}/health`).catch(() => null);
    if (answer === null) skip('no IPv6 here');
    expect(answer?.status).toBe(200);
  });

  it('runs what its README shows: curl and JavaScript', async () => {
    const env = { ...process.env, TWOSTEP_KEY: token };
    const curl = await run('sh', ['-c', example('sh')], { env, maxBuffer: 1e8 });
    expect(JSON.parse(curl.stdout).data).toHaveLength(1);
    // Inside the project, so that it finds the client.
    const script = join(mkdtempSync(inRoot('node_modules', '.cache', 'readme-')), 'example.mjs');
    writeFileSync(script, example('js'));
    expect((await run(process.execPath, [script], { env })).stdout).toBe('2 pictures\n');
  });

  it('runs what its README shows: Python', async ({ skip }) => {
    const python = process.env['TWOSTEP_PYTHON'] ?? 'python3';
    if (!(await run(python, ['-c', 'import openai']).catch(() => null))) skip("Python's openai is not installed");
    const env = { ...process.env, TWOSTEP_KEY: token };
    expect((await run(python, ['-c', example('py')], { env })).stdout).toBe('2 pictures\n');
  });

  it('tells nobody anything: no socket to another machine, no file at home', async ({ skip }) => {
    if (process.platform !== 'linux') skip('sockets are watched on Linux only');
    const pid = served?.pid as number;
    const seen = new Set<string>();
    const watching = setInterval(() => {
      for (const peer of peersOf(pid)) seen.add(peer);
    }, 10);
    for (let seed = 10; seed < 20; seed++) await post('/v1/images/generations', { prompt: 'two', seed, size: '32x32' });
    clearInterval(watching);
    // The watching works: it has seen our own connection.
    expect(seen.size).toBeGreaterThan(0);
    expect([...seen].filter((peer) => !/^(127\.|::1$|::ffff:127\.)/.test(peer))).toEqual([]);
    expect(readdirSync(environment.HOME, { recursive: true })).toEqual([]);
  });

  it('ends at Ctrl-C with nothing lost: what was not finished goes on at the next start', async () => {
    const long = {
      ...request,
      schedule: { kind: 'teacher', draw: 'sample' },
      seeds: Array.from({ length: 16 }, (_, index) => index),
    };
    const { id } = Job.parse(await (await post('/v1/jobs', { request: long })).json());
    expect(await served?.end('SIGINT')).toBe(0);
    await start();
    await expect
      .poll(async () => Job.parse(await (await ask(`/v1/jobs/${id}`)).json()), { timeout: 60_000 })
      .toMatchObject({ state: 'done', pictures: { length: 16 } });
    await served?.end('SIGINT');
  });

  it('says whose the port is not, when it is taken', async () => {
    const taken = createServer().listen(port, '127.0.0.1');
    await expect(twostep('serve', '--port', String(port))).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(`Other programs have the ports ${port}\\. Say another one with --port\\.`),
    });
    taken.close();
  });
});

it('survives a disk that takes no more, says so, and draws all the same', async () => {
  const data = join(folder, 'small');
  const port = await findPort();
  const own = { ...environment, TWOSTEP_DATA: data };
  const { stdout: key } = await run(process.execPath, [COMMAND, 'token', 'create'], {
    env: { ...process.env, ...own },
  });
  // A limit on the length of files stands for a full disk; its signal is ignored, so that writes fail instead (setrlimit(2)).
  const shell = `trap '' XFSZ; ulimit -f 1600; exec "${process.execPath}" "${COMMAND}" serve --port ${port} --provider cpu`;
  const child = spawn('sh', ['-c', shell], { env: { ...process.env, ...own }, stdio: ['ignore', 'pipe', 'pipe'] });
  const over = new Promise<number | null>((resolve) => child.on('close', resolve));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  await expect.poll(() => output, { timeout: 60_000 }).toContain('is ready');
  const headers = { Authorization: `Bearer ${key.trim()}`, 'Content-Type': 'application/json' };
  const statuses = new Set<number>();
  for (let seed = 0; seed < 300 && !statuses.has(503); seed++) {
    const body = JSON.stringify({ prompt: 'three', seed, size: '512x512', n: 2 });
    const answer = await fetch(`http://127.0.0.1:${port}/v1/images/generations`, { method: 'POST', headers, body });
    statuses.add(answer.status);
    await answer.arrayBuffer();
  }
  // Drawn while there was room; refused, in words, when the job could not be written down.
  expect([...statuses].sort()).toEqual([200, 503]);
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  child.kill('SIGINT');
  expect(await over).toBe(0);
});

it.each([
  ['is a file', () => join(packFolder, 'pack.json'), /a (file has that name|part of that path is not a folder)/],
  ['lies in a file', () => join(packFolder, 'pack.json', 'data'), /a part of that path is not a folder/],
])('says what is wrong with a data folder that %s', async (_, path, words) => {
  const env = { ...process.env, ...environment, TWOSTEP_DATA: path() };
  for (const args of [['serve'], ['token', 'create']])
    await expect(run(process.execPath, [COMMAND, ...args], { env })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(words),
    });
});

/** `npm test` takes some; 1000 and 10 are a minute or two. */
const JOBS = Number(process.env['TWOSTEP_FAULT_JOBS'] ?? 200);
const KILLS = Number(process.env['TWOSTEP_FAULT_KILLS'] ?? 3);

it(`${JOBS} jobs with disconnects, cancels and ${KILLS} kills: none lost, none wrong, none twice`, async () => {
  await start();
  const engine = createEngine(await open(packFolder));
  const expected: Buffer[] = [];
  for (let seed = 0; seed < 20; seed++)
    expected.push(Buffer.from(picturesOf(await collect(engine, { ...request, seeds: [seed] }))[0]?.bytes ?? []));

  /** Accepted jobs: what was asked, and whether we cancelled it or went away from it. */
  const accepted = new Map<string, { seed: number; left: boolean }>();
  let random = 1;
  const chance = () => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return random / 2 ** 32;
  };
  const work = async () => {
    while (accepted.size < JOBS) {
      const [seed, fate] = [Math.floor(chance() * 20), chance()];
      const body = { request: { ...request, seeds: [seed] } };
      try {
        const abort = new AbortController();
        const streams = fate < 0.6;
        const answer = await post('/v1/jobs', body, {
          signal: abort.signal,
          headers: streams ? { Accept: 'text/event-stream' } : {},
        });
        const id = answer.headers.get('x-twostep-job');
        if (!answer.ok || !id) throw new Error(`refused with ${answer.status}`);
        const entry = { seed, left: false };
        accepted.set(id, entry);
        if (fate < 0.15) {
          entry.left = true;
          abort.abort();
        } else if (fate < 0.3) {
          entry.left = true;
          await post(`/v1/jobs/${id}/cancel`, {});
          await answer.body?.cancel();
        } else await answer.text();
      } catch {
        // The companion was killed under it; what was accepted is looked at below.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  const workers = Promise.all(Array.from({ length: 8 }, work));
  for (let kill = 0; kill < KILLS; kill++) {
    const goal = ((kill + 1) * JOBS) / (KILLS + 1);
    while (accepted.size < goal) await new Promise((resolve) => setTimeout(resolve, 5));
    await served?.end('SIGKILL');
    await start('is starting');
  }
  await workers;

  const history = new Map<string, Job>();
  const read = async () => {
    history.clear();
    let before = '';
    let count = 0;
    do {
      const page = JobList.parse(await (await ask(`/v1/jobs?limit=100${before && `&before=${before}`}`)).json());
      for (const job of page.jobs) history.set(job.id, job);
      count += page.jobs.length;
      before = page.next ?? '';
    } while (before !== '');
    return { count, unfinished: [...history.values()].filter(({ finished }) => finished === null).length };
  };
  // The last start may still be on its way.
  await expect
    .poll(
      () =>
        ask('/health').then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 20_000 },
    )
    .toBe(200);
  await expect.poll(async () => (await read()).unfinished, { timeout: 120_000, interval: 500 }).toBe(0);
  expect((await read()).count).toBe(history.size);

  let drawn = 0;
  for (const [id, { seed, left }] of accepted) {
    const job = history.get(id);
    expect(job, `${id} is lost`).toBeDefined();
    if (left && job?.state === 'cancelled') continue;
    expect([id, job?.state, job?.error]).toEqual([id, 'done', null]);
    const bytes = Buffer.from(await (await ask(`/v1/jobs/${id}/pictures/0`)).arrayBuffer());
    expect(bytes.equals(expected[seed] as Buffer), `${id} has another picture`).toBe(true);
    drawn += 1;
  }
  process.stdout.write(`${accepted.size} accepted, ${drawn} drawn, ${history.size} in the history\n`);
  expect(drawn).toBeGreaterThan(accepted.size / 2);
});

/** Seconds that a process has computed, in all its threads (proc(5), /proc/pid/stat, in hundredths). */
function cpuSecondsOf(pid: number): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number) as [number, number];
  return (user + system) / 100;
}

/** Addresses that the sockets of a process are connected to (proc(5), /proc/net). */
function peersOf(pid: number): string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return []; // It was closed in this moment.
      }
    }),
  );
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const fields = line.trim().split(/\s+/);
        const [address = '', remotePort] = fields[2]?.split(':') ?? [];
        return inodes.has(fields[9] ?? '') && remotePort !== '0000' ? [readable(address)] : [];
      }),
  );
}

/** Words of 32 bits, each little-endian, in hexadecimal. */
function readable(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].reverse());
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.slice(0, 12).join() === '0,0,0,0,0,0,0,0,0,0,255,255') return `::ffff:${bytes.slice(12).join('.')}`;
  return bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1 ? '::1' : Buffer.from(bytes).toString('hex');
}
