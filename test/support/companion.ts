/** A companion in this process, on any free port, with an engine and packs of the test's choice. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pack } from '../../models/pack.js';
import { type Engine, GenerateError, type GenerateRequest } from '../../models/protocol.js';
import { encodePicture } from '../../models/run/metadata.js';
import { openTokens } from '../../server/companion/auth/lmdb-tokens.js';
import { createPairing, type Pairing } from '../../server/companion/auth/pairing.js';
import type { Tokens } from '../../server/companion/auth/tokens.js';
import { createApp } from '../../server/companion/http/app.js';
import { HTTP_LIMITS, listen } from '../../server/companion/http/listen.js';
import { createMetrics } from '../../server/companion/http/metrics.js';
import { createJobs, type Jobs, type JobsOptions } from '../../server/companion/jobs/jobs.js';
import { openJobStore } from '../../server/companion/jobs/lmdb-store.js';
import type { JobStore } from '../../server/companion/jobs/store.js';
import type { PageFile } from '../../server/companion/pages.js';
import { createPanels, type Panels } from '../../server/companion/panels.js';
import type { EngineState } from '../../server/engine/host.js';
import type { Pulls } from '../../server/packs/pulls.js';
import { readPicture } from '../../server/pictures/decode.js';
import type { UpstreamModel } from '../../server/upstream/models.js';
import { tracePng } from '../../server/vector/trace.js';
import { createFakeEngine, drawAll, pictureOf, type Step } from './fake-engine.js';
import { describePack } from './packs.js';

export type TestCompanion = {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly jobs: Jobs;
  readonly store: JobStore;
  readonly tokens: Tokens;
  readonly pairing: Pairing;
  /** What was logged, a line each. */
  readonly lines: readonly string[];
  /** `fetch` with the token. */
  request(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
};

export type TestCompanionOptions = {
  readonly engine?: Engine;
  readonly packs?: readonly { readonly pack: Pack; readonly folder: string }[];
  readonly jobs?: Partial<JobsOptions>;
  readonly state?: EngineState;
  readonly folder?: string;
  readonly pulls?: Pulls;
  readonly panels?: Panels;
  readonly upstreams?: () => Promise<readonly UpstreamModel[]>;
  readonly pages?: ReadonlyMap<string, PageFile>;
  readonly limits?: Partial<{ [Key in keyof typeof HTTP_LIMITS]: number }>;
};

const READY: EngineState = { state: 'ready', provider: 'cpu', ladder: [], open: ['test-pack'] };

export async function startCompanion(options: TestCompanionOptions = {}): Promise<TestCompanion> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'twostep-companion-'));
  const packs = options.packs ?? [{ pack: describePack(), folder: '/nowhere' }];
  const lines: string[] = [];
  const store = openJobStore(join(folder, 'jobs'));
  const tokens = openTokens(join(folder, 'access'));
  const pairing = createPairing();
  const metrics = createMetrics();
  const engine = options.engine ?? createFakeEngine();
  const jobs = createJobs({ engine, store, onNews: metrics.onNews, ...options.jobs });
  const app = createApp({
    version: '1.2.3',
    jobs,
    store,
    tokens,
    pairing,
    metrics,
    log: {
      info: (event, fields, text) => lines.push(`${event} ${JSON.stringify(fields)} ${text}`),
      fault: (message) => lines.push(`fault ${message}`),
    },
    catalogue: {
      list: async () => packs.map((one) => ({ state: 'ready', embedded: false, ...one })),
      find: async (id) => {
        const found = packs.find(({ pack }) => id === undefined || pack.id === id);
        if (!found) throw new GenerateError('unknown-pack', `There is no model "${id}".`);
        return found;
      },
      refresh() {},
    },
    upstreams: options.upstreams ?? (async () => []),
    pulls: options.pulls ?? {
      start: async () => Promise.reject(new Error('no downloads here')),
      list: () => [],
      close() {},
    },
    panels: options.panels ?? createPanels(),
    engineState: () => options.state ?? READY,
    crew: null,
    trace: tracePng,
    // As the process that decodes tells its failures.
    readPicture: (bytes) =>
      readPicture(bytes).catch((error: Error) => {
        throw new GenerateError('invalid-request', `The picture to start from can not be read: ${error.message}.`);
      }),
    hosts: new Set(['localhost', '127.0.0.1', '[::1]']),
    pages: options.pages ?? new Map(),
  });
  const listening = await listen(app, {
    hosts: ['127.0.0.1'],
    ports: [0],
    limits: { ...HTTP_LIMITS, ...options.limits },
  });
  const { token } = await tokens.create('test', { manages: true });
  const url = `http://127.0.0.1:${listening.port}`;
  const request = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${token}`);
    return fetch(url + path, { ...init, headers });
  };
  return {
    url,
    port: listening.port,
    token,
    jobs,
    store,
    tokens,
    pairing,
    lines,
    request,
    post: (path, body, headers = {}) =>
      request(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async close() {
      await listening.close();
      await jobs.close();
      await store.close();
      await tokens.close();
    },
  };
}

/** An engine whose pictures are real PNGs of one colour, which the seed gives; drafts are grey. */
export function createPngEngine(pause = 0) {
  return createFakeEngine((request) => {
    const steps: Step[] = [...drawAll(request)].map((step) =>
      step.type === 'picture' ? { ...step, bytes: paint(request, step.index) } : step,
    );
    if (request.draft)
      steps.unshift(
        ...request.seeds.map(
          (_, index) => ({ type: 'draft', ...pictureOf(request, index), bytes: paint(request, index) }) as const,
        ),
      );
    return pause > 0 ? steps.flatMap((step) => [{ type: 'wait', milliseconds: pause } as const, step]) : steps;
  });
}

function paint(request: GenerateRequest, index: number): Uint8Array {
  const { width, height } = request.size;
  const seed = request.seeds[index] as number;
  return encodePicture(
    { width, height, rgb: new Uint8Array(width * height * 3).fill((seed * 40) % 256) },
    { ...request, seeds: [seed] },
  );
}
