/** `twostep serve` around an engine that is a script of the test's: what it does when things go wrong, and how it stops. */
import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ServeOptions, serve } from '../../../server/companion/serve.js';
import { CommandError } from '../../../server/node/errors.js';
import { EXIT } from '../../../server/node/exit-codes.js';
import { describePack, writePack } from '../../support/packs.js';
import { findPort } from '../../support/serve.js';

const disk = vi.hoisted(() => ({ full: false }));
vi.mock(import('../../../server/companion/jobs/lmdb-store.js'), async (original) => {
  const { openJobStore, ...rest } = await original();
  return {
    ...rest,
    openJobStore(folder, options) {
      const store = openJobStore(folder, options);
      const sweep: typeof store.sweep = async (...limits) => {
        if (disk.full) throw new Error('The disk is full.');
        return store.sweep(...limits);
      };
      return { ...store, sweep };
    },
  };
});

const READY = `process.send({ type: 'ready', provider: 'cpu', ladder: [] });`;
/** What an engine does with a request that it is told of. */
const onGenerate = (work: string) => `process.on('message', ({ type, id, request }) => {
  if (type === 'start') ${READY}
  if (type === 'generate') { ${work} }
});`;
const MUTE = `process.on('message', () => {});`;
const HANGING = onGenerate(`process.send({ type: 'warning', message: 'It begins.' });`);
const DRAWING = `process.send({ type: 'event', id, event: { type: 'done', milliseconds: {} } });
  process.send({ type: 'end', id, fault: null });`;
const FAULTY = `process.send({ type: 'end', id, fault: 'RangeError: a picture that is not a number\\n    at paint' });`;

let folder = '';
let cancel = new AbortController();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twostep-serve-'));
  for (const [name, place] of Object.entries({ DATA: 'data', PACKS: 'packs', EMBEDDED_PACKS: 'own', CACHE: 'cache' }))
    vi.stubEnv(`TWOSTEP_${name}`, join(folder, place));
  cancel = new AbortController();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
  disk.full = false;
});

/** @param engine source of the engine's process */
function start(engine: string, options: Partial<ServeOptions> = {}) {
  const script = join(folder, 'engine.mjs');
  writeFileSync(script, engine);
  const records: Record<string, unknown>[] = [];
  const texts: string[] = [];
  const tell = (record: Readonly<Record<string, unknown>>, text: string | null) => {
    records.push(record);
    texts.push(text ?? '');
  };
  const worker = pathToFileURL(script);
  const ended = serve(
    { browser: false, ...options },
    {
      reporter: { json: true, result: tell, note: tell, progress() {}, end() {} },
      signal: cancel.signal,
      version: '1.2.3',
      worker,
      vectorWorker: worker,
      decodeWorker: new URL('file:///nowhere/decode-worker.js'),
    },
  );
  const recordOf = (type: string) => records.find((record) => record['type'] === type);
  return { ended, recordOf, told: () => texts.join('\n') };
}
const packs = (...list: readonly (readonly [place: string, changes: Record<string, unknown>])[]) => {
  for (const [place, changes] of list) {
    const pack = describePack(changes);
    writePack(join(folder, place, pack.id), pack);
  }
};
const answers = (port: number) => fetch(`http://127.0.0.1:${port}/health`).catch(() => null);

it('stops when the person says so, though the self-test hangs', async () => {
  const port = await findPort();
  const { ended, recordOf } = start(MUTE, { port });
  await expect.poll(() => answers(port), { timeout: 10_000 }).toMatchObject({ status: 200 });
  cancel.abort();
  expect(await ended).toBe(EXIT.ok);
  expect(recordOf('ready')).toBeUndefined();
});

it('E9: a second one says that it can not be given options, in place of nothing', async () => {
  const port = await findPort();
  const { ended } = start(MUTE, { port });
  await expect.poll(() => answers(port), { timeout: 10_000 }).toMatchObject({ status: 200 });
  expect(await start(MUTE).ended).toBe(EXIT.ok);
  expect(await start(MUTE, { port }).ended).toBe(EXIT.ok);
  await expect(start(MUTE, { port: await findPort(), provider: 'cpu' }).ended).rejects.toMatchObject({
    exitCode: EXIT.failed,
    message: expect.stringMatching(
      new RegExp(`^The companion runs already, at http://localhost:${port}, and --port and --provider can't be given`),
    ),
  });
  cancel.abort();
  expect(await ended).toBe(EXIT.ok);
});

it('stops when the person says so, though the first picture hangs', async () => {
  packs(['packs', {}]);
  const { ended, told } = start(HANGING, { port: await findPort() });
  await expect.poll(told, { timeout: 10_000 }).toContain('It begins.');
  cancel.abort();
  expect(await ended).toBe(EXIT.ok);
});

it('starts though its best pack faults, says why, and lets the one that comes along draw', async () => {
  packs(['packs', { id: 'rounded', name: 'Rounded' }], ['own', { id: 'starter', name: 'Starter', student: null }]);
  const { ended, recordOf, told } = start(
    onGenerate(`if (request.pack === 'starter') { ${DRAWING} } else { ${FAULTY} }`),
    {
      port: await findPort(),
    },
  );
  await expect
    .poll(() => recordOf('ready'), { timeout: 10_000 })
    .toMatchObject({
      pack: 'starter',
      warm: true,
      failure: null,
      aside: { pack: 'rounded', failure: 'a picture that is not a number' },
    });
  expect(told()).toMatch(/is ready\.[\s\S]*Trouble +Rounded \(rounded\) can not draw: a picture that is not a number/);
  cancel.abort();
  expect(await ended).toBe(EXIT.ok);
});

it('starts where no pack can draw, and says why', async () => {
  packs(['packs', { id: 'rounded', name: 'Rounded' }], ['own', { id: 'starter', student: null }]);
  const { ended, recordOf, told } = start(onGenerate(FAULTY), { port: await findPort() });
  await expect
    .poll(() => recordOf('ready'), { timeout: 10_000 })
    .toMatchObject({ pack: 'rounded', warm: false, failure: 'a picture that is not a number', aside: null });
  expect(told()).toMatch(/can not draw yet\.[\s\S]*Trouble +a picture that is not a number/);
  cancel.abort();
  expect(await ended).toBe(EXIT.ok);
});

it('goes on where the disk does not let it sweep', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const { ended, recordOf } = start(onGenerate(DRAWING), { port: await findPort() });
  await expect.poll(() => recordOf('ready'), { timeout: 10_000 }).toBeDefined();
  disk.full = true;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(recordOf('fault')).toMatchObject({ message: 'The disk is full.' });
  cancel.abort();
  expect(await ended).toBe(EXIT.ok);
});

it('refuses an address that is not of this machine', async () => {
  const refused = start(MUTE, { port: await findPort(), listen: ['203.0.113.7'] }).ended;
  await expect(refused).rejects.toThrow('This machine has no address 203.0.113.7, which --listen names');
  await expect(refused).rejects.toSatisfy((error) => error instanceof CommandError && error.exitCode === EXIT.usage);
});

it('tells what the engine warns of', async () => {
  const { ended, told } = start(`${onGenerate(DRAWING)} process.send({ type: 'warning', message: 'Mind that.' });`, {
    port: await findPort(),
  });
  await expect.poll(told, { timeout: 10_000 }).toContain('Mind that.');
  cancel.abort();
  expect(await ended).toBe(EXIT.ok);
});
