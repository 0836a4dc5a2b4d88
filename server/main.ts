/** The `twostep` command. Only here the process is touched: arguments, streams, signals, exit code. */

import { Console } from 'node:console';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { FAMILIES } from '../models/families/all.js';
import { RECIPES } from '../models/import/recipes.js';
import type { Pack } from '../models/pack.js';
import { openPack } from '../models/run/open.js';
import { createRuntime, type Runtime } from '../models/run/runtime.js';
import { askTerminal } from './cli/ask.js';
import { openLocalEngine } from './cli/local-engine.js';
import { type Actions, runProgram } from './cli/program.js';
import { restart, wantsRestart } from './engine/memory.js';
import { loadOnnxRuntime } from './engine/onnxruntime.js';
import { EXIT } from './node/exit-codes.js';
import { isFailedCommit } from './node/storage.js';
import { filesOf } from './packs/folder.js';
import { managerFor } from './service/managers.js';

/** Put in by the bundler. */
declare const TWOSTEP_VERSION: string;

/** Entries of the processes that draw, and that decode pictures of other servers, beside this bundle. */
const ENGINE_WORKER = new URL('./engine-worker.js', import.meta.url);
const DECODE_WORKER = new URL('./decode-worker.js', import.meta.url);

// ONNX Runtime reports home unless this is set before it is loaded.
process.env['ORT_DISABLE_TELEMETRY'] = '1';

/** A reader of stdout that went away wants no more: what is under way ends (`twostep generate ... | head -1`), and a list is over anyway. */
let closed = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  closed = true;
  cancel.abort();
});
// Remarks that nobody reads change nothing.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.on('unhandledRejection', (error) => {
  if (!isFailedCommit(error)) throw error;
});

const cancel = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    // The second time the person means it.
    if (cancel.signal.aborted) process.exit(EXIT.cancelled);
    cancel.abort();
  });

async function loadRuntime(): Promise<Runtime> {
  return createRuntime(await loadOnnxRuntime(), { executionProviders: ['cpu'] });
}

/** A process that will load a large pack begins anew, where that saves memory. Nothing has been read or said until then. */
async function prepareMemory(files: readonly { readonly size: number }[]): Promise<void> {
  if (wantsRestart(files)) process.exit(await restart());
}

// What few verbs need is loaded by those: `twostep generate` reads no checkpoints and writes no graphs.
const actions: Actions = {
  openLocalEngine: (wanted, reporter) =>
    openLocalEngine(wanted, reporter, cancel.signal, { engine: ENGINE_WORKER, decode: DECODE_WORKER }),
  importer: {
    recipes: RECIPES,
    async *run(job, signal) {
      const { importPack } = await import('../models/import/import-pack.js');
      yield* importPack(job, signal);
    },
  },
  parity: async function* (folder, out) {
    const { runParity } = await import('../models/import/parity/parity.js');
    yield* runParity(folder, out, await loadRuntime());
  },
  convert: async function* (job, signal) {
    await prepareMemory(job.pack.files);
    const { convertPack } = await import('../models/import/convert/convert-pack.js');
    const ort = await loadOnnxRuntime();
    const session = { executionProviders: ['cpu'], logSeverityLevel: 3 } as const;
    const open = (folder: string, pack: Pack) =>
      openPack({ pack, families: FAMILIES, files: filesOf({ folder, pack }), ort, session });
    yield* convertPack({ ...job, open }, signal);
  },
  bench: {
    quick: async function* (signal) {
      const { runBench } = await import('../models/import/bench/bench.js');
      yield* runBench(await loadRuntime(), signal);
    },
    full: async function* (options, signal) {
      await prepareMemory([{ size: Number.POSITIVE_INFINITY }]);
      const { measureFull } = await import('./cli/measure.js');
      const ort = await loadOnnxRuntime();
      const versions = { Twostep: TWOSTEP_VERSION, 'ONNX Runtime': ort.env.versions.common };
      yield* measureFull(ort, versions, options, signal);
    },
  },
  // The companion's libraries are for those who serve.
  serve: async (options, context) => {
    const { serve } = await import('./companion/serve.js');
    const vectorWorker = new URL('./vector-worker.js', import.meta.url);
    return serve(options, {
      ...context,
      version: TWOSTEP_VERSION,
      worker: ENGINE_WORKER,
      vectorWorker,
      decodeWorker: DECODE_WORKER,
    });
  },
  work: async (options, context) => {
    const { work } = await import('./queue/work.js');
    return work(options, { ...context, worker: ENGINE_WORKER });
  },
  mcp: async (options, { signal }) => {
    const { runMcp } = await import('./cli/mcp.js');
    const { stdin, stdout, stderr } = process;
    // stdout is the agent's alone: what libraries print goes where agents keep logs.
    globalThis.console = new Console(stderr, stderr);
    const debug = Boolean(process.env['TWOSTEP_DEBUG']);
    const streams = { stdin, stdout, stderr };
    return runMcp(options, { ...actions, version: TWOSTEP_VERSION, streams, debug, signal });
  },
  // A picture of a moment; nobody else waits for this thread.
  trace: async (png) => (await import('./vector/trace.js')).tracePng(png),
  readPicture: async (bytes, signal) => {
    const { createDecoder } = await import('./pictures/decoder.js');
    const decoder = createDecoder(DECODE_WORKER);
    try {
      return await decoder.read(bytes, signal);
    } finally {
      decoder.close();
    }
  },
  randomSeed: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
};

const exitCode = await runProgram(process.argv.slice(2), actions, {
  version: TWOSTEP_VERSION,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  signal: cancel.signal,
  service: {
    manager: managerFor(process.platform, process.env, process.getuid?.() ?? 0),
    // The links of package managers may come to mean another version; the file that runs now is what is meant.
    program: [process.execPath, fileURLToPath(import.meta.url)],
  },
  ask: process.stdin.isTTY ? (question) => askTerminal(process.stdin, process.stderr, question, cancel.signal) : null,
  readInput: () => text(process.stdin),
});
process.exitCode = closed && exitCode === EXIT.cancelled ? EXIT.closed : exitCode;
