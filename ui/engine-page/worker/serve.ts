/**
 * The worker of the engine page: ONNX Runtime on one provider for its whole life, and the packs. When its device is lost it says so and
 * is thrown away: a fresh worker with a fresh runtime is surer than one that is mended.
 */

import type { Env, InferenceSession } from 'onnxruntime-common';
import { FAMILIES } from '../../../models/families/all.js';
import type { Pack } from '../../../models/pack.js';
import { type Engine, GenerateError, type GenerateEvent, type GenerateRequest } from '../../../models/protocol.js';
import { createEngine } from '../../../models/run/generate.js';
import { type OpenPack, openPack } from '../../../models/run/open.js';
import type { OrtModule } from '../../../models/run/runtime.js';
import { runSelfTest } from '../../../models/run/self-test.js';
import type { Failure, FromWorker, Provider, ToWorker } from '../messages.js';
import { openDevice } from './device.js';
import { addPack, type Progress } from './fetch-pack.js';
import { ensurePack, readShelf } from './packs.js';
import { createStore } from './store.js';
import { createTurns } from './turns.js';

/** Files beside the worker's script. */
export type RuntimeFiles = {
  /** ONNX Runtime's WASM, deflated: some hosts neither compress nor take 27 MB in a file. */
  readonly wasm: string;
  /** Its script, which threads load once more. */
  readonly glue: string;
};

/** More cores than that gain little at our sizes, and the person's other windows want some too. */
const MAXIMUM_THREADS = 4;

type Ort = OrtModule & { readonly env: Env };
type Open = { readonly manifest: string; readonly pack: OpenPack; readonly engine: Engine };

const say = (message: FromWorker, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

export function serve(ort: Ort, files: RuntimeFiles): void {
  const store = createStore();
  const running = new Map<number, AbortController>();
  // One call of ONNX Runtime at a time, over all packs.
  const turns = createTurns();
  let device = '';
  let session: InferenceSession.SessionOptions = {};
  let lost: Promise<string> = new Promise(() => {});
  let open: Open | null = null;

  addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
    if (data.type === 'boot') void boot(data);
    else if (data.type === 'cancel') running.get(data.id)?.abort();
    else void answer(data);
  });

  async function boot({ provider, lock }: Extract<ToWorker, { type: 'boot' }>): Promise<void> {
    // Held until this worker ends, however it ends: so the page learns of it.
    void navigator.locks.request(lock, () => {
      say({ type: 'alive' });
      return new Promise(() => {});
    });
    try {
      await prepare(provider);
      const { passed, finding } = await runSelfTest(ort, session);
      say(passed ? { type: 'booted', device } : { type: 'unfit', message: `${device}: ${finding}.` });
    } catch (error) {
      say({ type: 'unfit', message: asFailure(error).message });
    }
  }

  async function prepare(provider: Provider): Promise<void> {
    const address = (name: string) => new URL(name, self.location.href).href;
    const threads = self.crossOriginIsolated ? Math.min(MAXIMUM_THREADS, navigator.hardwareConcurrency) : 1;
    ort.env.logLevel = 'error';
    ort.env.wasm.numThreads = threads;
    if (threads > 1) ort.env.wasm.wasmPaths = { mjs: address(files.glue) };
    if (provider === 'webgpu') {
      const opened = await openDevice();
      ort.env.webgpu.device = opened.device;
      device = opened.name;
      lost = opened.device.lost.then(({ message }) => message || 'no reason was given');
      void lost.then((message) => say({ type: 'lost', message: `The graphics device is gone: ${message}.` }));
    } else device = threads > 1 ? `Processor, ${threads} threads` : 'Processor';
    // Our graphs are written as they shall run; with less to look for they load sooner (models/RUNTIME.md).
    session = { executionProviders: [provider], logSeverityLevel: 3, graphOptimizationLevel: 'basic' };
    const response = await fetch(address(files.wasm));
    if (!response.ok || !response.body)
      throw new GenerateError('engine-unavailable', `"${files.wasm}" could not be fetched (${response.status}).`);
    const inflated = response.body.pipeThrough(new DecompressionStream('deflate-raw'));
    ort.env.wasm.wasmBinary = await new Response(inflated).arrayBuffer();
  }

  async function answer(call: Exclude<ToWorker, { type: 'boot' | 'cancel' }>): Promise<void> {
    const { id } = call;
    const cancel = new AbortController();
    running.set(id, cancel);
    const { signal } = cancel;
    let failure: Failure | null = null;
    const tell = async (progress: AsyncIterable<Progress>) => {
      for await (const { bytes, total } of progress) say({ type: 'fetched', id, bytes, total });
    };
    try {
      switch (call.type) {
        case 'find':
          say({ type: 'shelf', id, shelf: await readShelf(store, device) });
          break;
        case 'fetch':
          await tell(ensurePack(store, call.pack, signal));
          break;
        case 'add':
          await tell(addPack(store, call.files, signal));
          break;
        case 'erase':
          await turns(signal, () => close());
          await store.erase(call.pack);
          break;
        case 'draw':
          await draw(id, call.request, signal);
          break;
        default:
          call satisfies never;
      }
    } catch (error) {
      failure = signal.aborted ? { code: 'cancelled', message: 'Cancelled.' } : asFailure(error);
    }
    running.delete(id);
    say({ type: 'end', id, failure });
  }

  async function draw(id: number, request: GenerateRequest, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const ensuring = ensurePack(store, request.pack, signal);
    let step = await ensuring.next();
    for (; !step.done; step = await ensuring.next())
      tellEvent(id, {
        type: 'progress',
        phase: 'load',
        done: step.value.bytes,
        total: step.value.total,
        fraction: 0,
        remaining: null,
      });
    const pack = step.value;
    await turns(signal, async () => {
      const { engine } = await openOnce(pack);
      for await (const event of engine(request, signal)) {
        // The device's end may be told a moment after the call that it broke.
        if (event.type === 'error' && event.code === 'engine-failed') await Promise.race([lost, pause(200)]);
        tellEvent(id, event);
        // A run of the network may block this thread; here the word "cancel" gets in.
        await pause(0);
      }
    });
  }

  async function openOnce(pack: Pack): Promise<Open> {
    const manifest = JSON.stringify(pack);
    if (open?.manifest === manifest) return open;
    await close();
    const read = (path: string) => {
      const file = pack.files.find((one) => one.path === path);
      if (!file) throw new RangeError(`pack ${pack.id} has no file "${path}"`);
      return store.read(file);
    };
    const opened = openPack({ pack, families: FAMILIES, files: { graph: read, read }, ort, session });
    open = { manifest, pack: opened, engine: createEngine(opened) };
    return open;
  }

  async function close(): Promise<void> {
    const before = open;
    open = null;
    await before?.pack.close();
  }
}

function tellEvent(id: number, event: GenerateEvent): void {
  if (event.type === 'picture' || event.type === 'draft') {
    const bytes = event.bytes.slice();
    say({ type: 'event', id, event: { ...event, bytes } }, [bytes.buffer]);
  } else say({ type: 'event', id, event });
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function asFailure(error: unknown): Failure {
  if (error instanceof GenerateError) return { code: error.code, message: error.message };
  return { code: 'engine-failed', message: error instanceof Error ? error.message : String(error) };
}
