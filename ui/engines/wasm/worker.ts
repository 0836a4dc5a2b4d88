/**
 * ONNX Runtime in a worker of the panel: a classic script, one thread, nothing fetched (FIGMA.md: the panel has no origin).
 * It becomes text inside the panel's page; see scripts/embed.mjs.
 */

import * as ort from 'onnxruntime-web/wasm';
import { FAMILIES } from '../../../models/families/all.js';
import { targetOf } from '../../../models/families/packs.js';
import type { Engine } from '../../../models/protocol.js';
import { buildRequest } from '../../../models/request/build.js';
import { createEngine } from '../../../models/run/generate.js';
import { openPack } from '../../../models/run/open.js';
import { runSelfTest } from '../../../models/run/self-test.js';
import type { Failure, FromWorker } from '../../engine-page/messages.js';
import type { ToWorker } from './messages.js';
import { unpack } from './unpack.js';

/**
 * Our graphs are written as they shall run. What ONNX Runtime would still find to do costs more time, at every opening, than it
 * saves: at "basic" a picture is as fast as at "all", and the graphs load in two thirds of the time (models/RUNTIME.md).
 */
const SESSION = { executionProviders: ['wasm'], logSeverityLevel: 3, graphOptimizationLevel: 'basic' } as const;

let engine: Engine | undefined;
const running = new Map<number, AbortController>();
const warming = new AbortController();
const say = (message: FromWorker, transfer: Transferable[] = []) =>
  (globalThis as unknown as { postMessage(message: FromWorker, transfer: Transferable[]): void }).postMessage(
    message,
    transfer,
  );

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'open') void boot(data);
  else if (data.type === 'cancel') running.get(data.id)?.abort();
  else void draw(data);
});

async function boot(message: Extract<ToWorker, { type: 'open' }>): Promise<void> {
  say({ type: 'alive' });
  try {
    ort.env.wasm.wasmBinary = await unpack(message.runtime);
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = 'error';
    const { passed, finding } = await runSelfTest(ort, SESSION);
    if (passed) engine = await open(message);
    say(passed ? { type: 'booted', device: '' } : { type: 'unfit', message: `It can not draw here: ${finding}.` });
  } catch (error) {
    say({ type: 'unfit', message: describe(error) });
  }
  // What fails here fails again in a picture that somebody asked for, and is told there.
  if (engine) await warmUp(engine, message).catch(() => undefined);
}

async function open({ pack, files }: Extract<ToWorker, { type: 'open' }>): Promise<Engine> {
  const bytes = new Uint8Array(await unpack(files));
  const parts = new Map<string, Uint8Array>();
  let at = 0;
  for (const { path, size } of pack.files) {
    parts.set(path, bytes.subarray(at, at + size));
    at += size;
  }
  if (at !== bytes.length) throw new RangeError(`the page carries ${bytes.length} bytes of a pack of ${at}`);
  const read = async (path: string) => {
    const part = parts.get(path);
    if (!part) throw new RangeError(`pack ${pack.id} has no file "${path}"`);
    return part;
  };
  const opened = openPack({ pack, families: FAMILIES, files: { graph: read, read }, ort, session: SESSION });
  return createEngine(opened);
}

/** The first runs of a network take twice as long, memory and machine code being made on the way: in a picture that nobody sees. */
async function warmUp(engine: Engine, { pack }: Extract<ToWorker, { type: 'open' }>): Promise<void> {
  const target = targetOf(pack);
  if (!target.presets.draft) return;
  const request = buildRequest(target, { prompt: pack.ideas[0] ?? '', seeds: [0], preset: 'draft', force: true });
  for await (const _ of engine(request, warming.signal)) await new Promise((resolve) => setTimeout(resolve));
}

async function draw({ id, request }: Extract<ToWorker, { type: 'draw' }>): Promise<void> {
  warming.abort();
  const cancel = new AbortController();
  running.set(id, cancel);
  let failure: Failure | null = null;
  try {
    if (!engine) throw new Error('nothing is open');
    for await (const event of engine(request, cancel.signal)) {
      say({ type: 'event', id, event });
      // A run of the network blocks this thread; here the word "cancel" gets in.
      await new Promise((resolve) => setTimeout(resolve));
    }
  } catch (error) {
    failure = { code: 'engine-failed', message: describe(error) };
  }
  running.delete(id);
  say({ type: 'end', id, failure });
}

const describe = (error: unknown) => (error instanceof Error ? error.message : String(error));
