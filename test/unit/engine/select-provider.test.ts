import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GenerateError, type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import type { OrtModule } from '../../../models/run/runtime.js';
import type { FromWorker, Provider, ToWorker } from '../../../server/engine/messages.js';
import { providersOf, selectProvider } from '../../../server/engine/select-provider.js';
import { serveEngine } from '../../../server/engine/serve.js';
import { createTrials } from '../../../server/engine/trials.js';
import { makeClassPack } from '../../support/random-packs.js';
import { loadRuntime } from '../../support/run-graph.js';

const trials = { died: async () => false, begin: async () => {}, end: async () => {} };

describe('the ladder of providers', () => {
  it.each([
    [{ platform: 'linux', arch: 'x64', nvidia: true, vulkan: true }, ['cuda', 'webgpu', 'cpu']],
    [{ platform: 'linux', arch: 'x64', nvidia: false, vulkan: true }, ['webgpu', 'cpu']],
    [{ platform: 'linux', arch: 'x64', nvidia: false, vulkan: false }, ['cpu']],
    [{ platform: 'linux', arch: 'arm64', nvidia: true, vulkan: true }, ['cpu']],
    [{ platform: 'win32', arch: 'x64', nvidia: true, vulkan: false }, ['webgpu', 'dml', 'cpu']],
    [{ platform: 'darwin', arch: 'arm64', nvidia: false, vulkan: false }, ['webgpu', 'cpu']],
    [{ platform: 'darwin', arch: 'x64', nvidia: false, vulkan: false }, ['cpu']],
  ] as const)('%o: %o', (system, providers) => {
    expect(providersOf(system)).toEqual(providers);
  });

  it('refuses who answers wrongly, skips who is not there, and names both', async () => {
    const answers: Record<string, () => Promise<{ passed: boolean; error: number; finding: string }>> = {
      cuda: async () => {
        throw new GenerateError('engine-failed', 'no such provider\nand a page of details');
      },
      webgpu: async () => ({ passed: false, error: 0.3, finding: 'it computes wrongly' }),
      dml: async () => ({ passed: true, error: 1e-6, finding: 'right' }),
    };
    const test = (provider: Provider) => answers[provider]?.() ?? Promise.reject(new Error('not asked for'));
    expect(await selectProvider(['cuda', 'webgpu', 'dml', 'cpu'], test, trials)).toEqual({
      provider: 'dml',
      ladder: [
        { provider: 'cuda', outcome: 'unavailable', reason: 'no such provider', error: null },
        { provider: 'webgpu', outcome: 'wrong', reason: 'it computes wrongly', error: 0.3 },
        { provider: 'dml', outcome: 'chosen', reason: 'right', error: 1e-6 },
        { provider: 'cpu', outcome: 'not-tried', reason: 'dml does', error: null },
      ],
    });
  });

  it('chooses nobody when even the last one answers wrongly, and says what each did', async () => {
    const test = async () => ({ passed: false, error: Number.NaN, finding: 'no numbers at all' });
    const { provider, ladder } = await selectProvider(['webgpu', 'cpu'], test, trials);
    expect(provider).toBe(null);
    const wrong = { outcome: 'wrong', reason: 'no numbers at all', error: null };
    expect(ladder).toEqual([
      { provider: 'webgpu', ...wrong },
      { provider: 'cpu', ...wrong },
    ]);
  });

  it('tells of a try before and after it, also when it fails by a fault of ours', async () => {
    const told: string[] = [];
    const keep = {
      died: async () => false,
      begin: async (provider: Provider) => void told.push(`begin ${provider}`),
      end: async (provider: Provider) => void told.push(`end ${provider}`),
    };
    await expect(selectProvider(['cuda', 'cpu'], () => Promise.reject(new Error('a fault')), keep)).rejects.toThrow(
      'a fault',
    );
    expect(told).toEqual(['begin cuda', 'end cuda']);
  });

  it('does not go near a provider that the program died of', async () => {
    const test = async (provider: Provider) => {
      if (provider !== 'cpu') throw new Error('it was tried');
      return { passed: true, error: 0, finding: 'right' };
    };
    const { provider, ladder } = await selectProvider(['dml', 'cpu'], test, {
      ...trials,
      died: async (one) => one === 'dml',
    });
    expect(provider).toBe('cpu');
    expect(ladder[0]).toMatchObject({ provider: 'dml', outcome: 'unavailable', error: null });
  });
});

describe('a provider that took the program down', () => {
  beforeEach(() => void vi.stubEnv('TWOSTEP_CACHE', mkdtempSync(join(tmpdir(), 'twostep-trials-'))));
  afterEach(() => void vi.unstubAllEnvs());

  it('is not tried again for a week, and a try that ended well is forgotten', async () => {
    const later = (milliseconds: number) => createTrials(() => Date.now() + milliseconds);
    await createTrials().begin('webgpu');
    expect(await createTrials().died('webgpu')).toBe(true);
    expect(await later(8 * 86_400_000).died('webgpu')).toBe(false);
    expect((await selectProvider(['webgpu'], () => Promise.reject(new Error('tried')), createTrials())).provider).toBe(
      null,
    );
    await createTrials().end('webgpu');
    expect(await createTrials().died('webgpu')).toBe(false);
  });

  it('is tried beside a process that is at it at this very moment, and not after one that is gone', async () => {
    await createTrials().begin('webgpu');
    const note = join(process.env['TWOSTEP_CACHE'] ?? '', 'trials', 'webgpu');
    await writeFile(note, `${process.ppid}\n`);
    expect(await createTrials().died('webgpu')).toBe(false);
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    await writeFile(note, `${gone}\n`);
    expect(await createTrials().died('webgpu')).toBe(true);
    await writeFile(note, 'no process');
    expect(await createTrials().died('webgpu')).toBe(true);
  });

  it('is not blamed where somebody ended the try', async () => {
    const trials = createTrials();
    trials.abandon();
    await trials.begin('webgpu');
    trials.abandon();
    expect(await createTrials().died('webgpu')).toBe(false);
  });

  it('unless it is the CPU, since there is no other', async () => {
    await createTrials().begin('cpu');
    expect(await createTrials(() => Date.now() + 120_000).died('cpu')).toBe(false);
  });
});

it('a cancel that comes during a model call is heeded before the next', async () => {
  const folder = await makeClassPack();
  const ort = await loadRuntime();
  const { port1, port2 } = new MessageChannel();
  let calls = 0;
  let cancelAt = Number.POSITIVE_INFINITY;
  const create = async (...args: Parameters<typeof ort.InferenceSession.create>) => {
    const session = await ort.InferenceSession.create(...args);
    const run = session.run.bind(session);
    session.run = (async (...values: Parameters<typeof run>) => {
      calls += 1;
      if (calls === cancelAt) port2.postMessage({ type: 'cancel', id: 1 } satisfies ToWorker);
      return run(...values);
    }) as typeof run;
    return session;
  };
  const counted = { Tensor: ort.Tensor, InferenceSession: { create } } as unknown as OrtModule;
  const line = {
    say: (message: FromWorker) => port1.postMessage(message),
    hear: (listener: (message: ToWorker) => void) => void port1.on('message', listener),
  };
  serveEngine(line, counted, trials);
  const messages: FromWorker[] = [];
  const ended = new Promise<void>((resolve) => {
    port2.on('message', (message: FromWorker) => {
      messages.push(message);
      if (message.type === 'ready') {
        // The self-test was call 1.
        cancelAt = calls + 5;
        const request: GenerateRequest = {
          ...REQUEST_DEFAULTS,
          prompt: 'three',
          pack: 'tiny-classes',
          seeds: [1],
          schedule: { kind: 'teacher', draw: 'sample' },
          sampling: null,
          size: { width: 32, height: 32 },
          draft: false,
        };
        port2.postMessage({ type: 'generate', id: 1, folder, request } satisfies ToWorker);
      }
      if (message.type === 'end') resolve();
    });
  });
  port2.postMessage({ type: 'start', providers: ['cpu'], budget: 1e9, idle: 1000, batch: null } satisfies ToWorker);
  await ended;
  expect(calls).toBe(cancelAt);
  expect(messages.at(-2)).toMatchObject({ type: 'event', event: { type: 'error', code: 'cancelled' } });
  port2.close();
});
