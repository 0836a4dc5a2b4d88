/**
 * ONNX Runtime in a worker of the panel: a classic script, one thread, nothing fetched (FIGMA.md: the panel has no origin).
 * It becomes text inside the panel's page; see server/setup/embed.mjs.
 */
import * as ort from 'onnxruntime-web/wasm';
import type { Engine } from '../../../models/protocol.js';
import { createEngine } from '../../../models/run/generate.js';
import { openPack } from '../../../models/run/open.js';
import type { FromWorker, ToWorker } from './messages.js';
import { unpack } from './unpack.js';

let engine: Promise<Engine> | undefined;
const running = new Map<number, AbortController>();
const say = (message: FromWorker, transfer: Transferable[] = []) =>
  (globalThis as unknown as { postMessage(message: FromWorker, transfer: Transferable[]): void }).postMessage(
    message,
    transfer,
  );

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'open') engine = open(data);
  else if (data.type === 'cancel') running.get(data.id)?.abort();
  else void draw(data);
});

async function open({ runtime, pack, files }: Extract<ToWorker, { type: 'open' }>): Promise<Engine> {
  ort.env.wasm.wasmBinary = await unpack(runtime);
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
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
  return createEngine(
    openPack({
      pack,
      files: { graph: read, read },
      ort,
      session: { executionProviders: ['wasm'], logSeverityLevel: 3 },
    }),
  );
}

async function draw({ id, request }: Extract<ToWorker, { type: 'draw' }>): Promise<void> {
  const cancel = new AbortController();
  running.set(id, cancel);
  try {
    const drawing = await engine;
    if (!drawing) throw new Error('nothing is open');
    for await (const event of drawing(request, cancel.signal)) {
      say({ type: 'event', id, event });
      // A run of the network blocks this thread; here the word "cancel" gets in.
      await new Promise((resolve) => setTimeout(resolve));
    }
  } catch (error) {
    say({ type: 'fault', id, message: error instanceof Error ? error.message : String(error) });
  } finally {
    running.delete(id);
  }
}
