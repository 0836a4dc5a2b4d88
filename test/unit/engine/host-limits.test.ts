/** A pack whose graphs compute without end, take all memory or heed no cancel, by a script in the place of the engine that does as its prompt says. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type GenerateEvent, type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { createEngineHost, type EngineHost } from '../../../server/engine/host.js';
import { hasFailed } from '../../../server/packs/first-run.js';
import { writePack } from '../../support/packs.js';

const SCRIPT = `
import { writeSync } from 'node:fs';
// A sign of life, where the companion listens for one.
try { writeSync(4, '.'); } catch {}
process.on('message', (message) => {
  const say = (more) => process.send({ id: message.id, ...more });
  if (message.type === 'start') say({ type: 'ready', provider: 'cpu', ladder: [] });
  if (message.type !== 'generate') return;
  if (message.request.prompt === 'hang') for (;;);
  if (message.request.prompt === 'eat') {
    const eaten = [];
    const eat = () => { eaten.push(Buffer.alloc(2e7, 1)); setTimeout(eat, 5); };
    return eat();
  }
  say({ type: 'event', event: { type: 'done', milliseconds: {} } });
  say({ type: 'end', fault: null });
});
process.on('disconnect', () => process.exit());
`;
/** Each test changes the one that it is about. */
const LIMITS = { memory: 1e12, silence: 600_000, grace: 600_000 };
const never = new AbortController().signal;

let hosts: EngineHost[] = [];
let script: string;
let folder: string;
beforeEach(() => {
  folder = writePack(mkdtempSync(join(tmpdir(), 'twostep-limits-')));
  vi.stubEnv('TWOSTEP_CACHE', join(folder, 'cache'));
  script = join(folder, 'engine.mjs');
  writeFileSync(script, SCRIPT);
});
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.close()));
  hosts = [];
  vi.unstubAllEnvs();
});

function start(limits: Partial<typeof LIMITS>): EngineHost {
  const host = createEngineHost({
    script: pathToFileURL(script),
    providers: ['cpu'],
    budget: 1e9,
    idle: 1000,
    limits: { ...LIMITS, ...limits },
    folderOf: async () => folder,
  });
  hosts.push(host);
  return host;
}

async function draw(host: EngineHost, prompt: string, signal = never): Promise<GenerateEvent[]> {
  const request: GenerateRequest = {
    ...REQUEST_DEFAULTS,
    prompt,
    pack: 'test-pack',
    seeds: [1],
    schedule: { kind: 'student', steps: 2 },
    sampling: null,
    size: { width: 32, height: 32 },
    draft: false,
  };
  const events: GenerateEvent[] = [];
  for await (const event of host.engine(request, signal)) events.push(event);
  return events;
}

describe('D7: a pack of a stranger, while it draws', () => {
  it('that computes without end is ended, said once, and not begun again; others draw on', async () => {
    const host = start({ silence: 2_000 });
    expect(await draw(host, 'hang')).toEqual([
      { type: 'error', code: 'engine-failed', message: 'It computed for 2 s without a result, and was ended.' },
    ]);
    expect(await hasFailed(folder)).toBe(true);
    expect(await draw(host, 'sound')).toEqual([{ type: 'done', milliseconds: {} }]);
    expect(await hasFailed(folder)).toBe(false);
  });

  it.skipIf(process.platform !== 'linux')('that fills the memory is ended', async () => {
    const host = start({ memory: 4e8 });
    expect(await draw(host, 'eat')).toMatchObject([
      { code: 'out-of-memory', message: expect.stringMatching(/^It took \d\.\d GB/) },
    ]);
    expect(await hasFailed(folder)).toBe(true);
  });

  it('that does not heed a cancel is ended after a grace, and not held against it', async () => {
    const host = start({ grace: 600 });
    await draw(host, 'sound');
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    expect(await draw(host, 'hang', stop.signal)).toMatchObject([{ type: 'error', code: 'cancelled' }]);
    expect(await hasFailed(folder)).toBe(false);
    expect(await draw(host, 'sound')).toEqual([{ type: 'done', milliseconds: {} }]);
  });
});
