/** What a soak needs: a small pack, what it draws, folders of its own, and a key. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../models/protocol.js';
import { createEngine } from '../../models/run/generate.js';
import { collect, picturesOf } from './engine-conformance.js';
import { makeClassPack, open } from './random-packs.js';
import { COMMAND, findPort } from './serve.js';
import type { SoakOptions } from './soak.js';

const SEEDS = 20;

export async function prepareSoak(): Promise<Omit<SoakOptions, 'jobs' | 'rounds'>> {
  const folder = mkdtempSync(join(tmpdir(), 'twostep-soak-'));
  const environment = {
    HOME: join(folder, 'home'),
    TWOSTEP_DATA: join(folder, 'data'),
    TWOSTEP_PACKS: join(folder, 'packs'),
    TWOSTEP_EMBEDDED_PACKS: join(folder, 'none'),
    TWOSTEP_CACHE: join(folder, 'cache'),
    CI: '1',
  };
  const pack = await makeClassPack();
  cpSync(pack, join(environment.TWOSTEP_PACKS, 'tiny-classes'), { recursive: true });
  const request: GenerateRequest = {
    ...REQUEST_DEFAULTS,
    prompt: 'three',
    pack: 'tiny-classes',
    seeds: [0],
    schedule: { kind: 'student', steps: 2 },
    size: { width: 32, height: 32 },
  };
  const engine = createEngine(await open(pack));
  const expected: Buffer[] = [];
  for (let seed = 0; seed < SEEDS; seed++)
    expected.push(Buffer.from(picturesOf(await collect(engine, { ...request, seeds: [seed] }))[0]?.bytes ?? []));
  const env = { ...process.env, ...environment };
  const key = await promisify(execFile)(process.execPath, [COMMAND, 'token', 'create', 'soak'], { env });
  return { environment, request, expected, port: await findPort(), token: key.stdout.trim() };
}
