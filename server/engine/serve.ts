/**
 * The engine's side: ONNX Runtime, provider selection and the open packs, driven by messages.
 *
 * ONNX Runtime blocks this thread while it computes (RUNTIME 5). So that a cancel is heeded after the very model call
 * during which it came, messages are let in after each call, before the pipeline looks at its signal.
 */

import { setImmediate } from 'node:timers/promises';
import { FAMILIES } from '../../models/families/all.js';
import type { Pack } from '../../models/pack.js';
import type { GenerateEvent } from '../../models/protocol.js';
import { GenerateError } from '../../models/protocol.js';
import { createEngine } from '../../models/run/generate.js';
import { openPack } from '../../models/run/open.js';
import { createLock, type OrtModule } from '../../models/run/runtime.js';
import { runSelfTest } from '../../models/run/self-test.js';
import { filesOf } from '../packs/folder.js';
import { BATCH_OF } from './batch.js';
import { CUDA_HINT, missingCudaLibraries } from './cuda.js';
import type { FromWorker, Provider, ToWorker } from './messages.js';
import { runtimeFolder } from './onnxruntime.js';
import { selectProvider, type Trials } from './select-provider.js';
import { createShelf, type Shelf } from './shelf.js';

/** The line to the companion. */
export type Line = {
  say(message: FromWorker): void;
  hear(listener: (message: ToWorker) => void): void;
};

export function serveEngine({ say, hear }: Line, ort: OrtModule, trials: Trials): void {
  const running = new Map<number, AbortController>();
  /** One request after the other: two at once would only take each other's cores and memory. */
  const inTurn = createLock();
  let shelf: Shelf | undefined;

  function receive(message: ToWorker): void {
    switch (message.type) {
      case 'start':
        void start(message);
        return;
      case 'cancel':
        running.get(message.id)?.abort();
        return;
      case 'generate': {
        const { id } = message;
        const cancel = new AbortController();
        running.set(id, cancel);
        const work = inTurn(() => generate(message, cancel.signal));
        void work
          .then(() => null, describeFault)
          .then((fault) => {
            running.delete(id);
            say({ type: 'end', id, fault });
          });
        return;
      }
      default:
        message satisfies never;
    }
  }

  const heedful = heedAfterEachCall(ort);

  async function test(provider: Provider) {
    const missing = provider === 'cuda' ? missingCudaLibraries(runtimeFolder()) : [];
    if (missing.length > 0) throw new GenerateError('engine-unavailable', `its libraries are not here: ${CUDA_HINT}`);
    return runSelfTest(ort, sessionOptions(provider));
  }

  async function start({ providers, budget, idle, batch }: Extract<ToWorker, { type: 'start' }>): Promise<void> {
    const { provider, ladder } = await selectProvider(providers, test, trials);
    if (provider === null) return say({ type: 'unusable', ladder });
    shelf = createShelf({
      budget,
      idle,
      open(found) {
        const { pack } = found;
        const fitting = providerFor(pack, provider);
        if (!suits(pack, fitting)) say({ type: 'warning', message: describeMismatch(pack, fitting) });
        return openPack({
          pack,
          families: FAMILIES,
          files: filesOf(found),
          ort: heedful,
          session: sessionOptions(fitting),
          batch: batch ?? BATCH_OF[fitting],
        });
      },
      onChange: (packs) => say({ type: 'open', packs }),
    });
    say({ type: 'ready', provider, ladder });
  }

  async function generate(
    { id, folder, request }: Extract<ToWorker, { type: 'generate' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const tell = (event: GenerateEvent) => say({ type: 'event', id, event });
    if (!shelf) throw new Error('a request came before the engine was ready');
    try {
      await shelf.use(folder, async (open) => {
        for await (const event of createEngine(open)(request, signal)) tell(event);
      });
    } catch (error) {
      // Opening the pack failed in a way that the person can do something about.
      if (!(error instanceof GenerateError)) throw error;
      tell({ type: 'error', code: error.code, message: error.message });
    }
  }

  hear(receive);
}

const describeFault = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error));

type Stored = Pick<Pack, 'precision'>;

/** Whether weights that are stored so are computed there as meant (models/import/storage.ts). */
const suits = ({ precision }: Stored, provider: Provider) => !precision || precision.providers.includes(provider);

/** Weights may be rounded in a way that only the CPU knows; there it is quicker than a card that has to ask the CPU for every product. */
export function providerFor(pack: Stored, chosen: Provider): Provider {
  return !suits(pack, chosen) && suits(pack, 'cpu') ? 'cpu' : chosen;
}

const describeMismatch = ({ id, precision }: Pack, provider: Provider) =>
  `Pack ${id} is stored as "${precision?.storage}", for ${precision?.providers.join(', ')}. Here ${provider} computes, where it may be slow or fail; import it with another --storage.`;

/** Errors only: a designer can do nothing about ONNX Runtime's warnings. */
const sessionOptions = (provider: Provider) => ({ executionProviders: [provider], logSeverityLevel: 3 as const });

/** Whole turns of the event loop: one may be under way already, past the place where messages are read. */
const TURNS = 2;

function heedAfterEachCall(ort: OrtModule): OrtModule {
  const create = async (...args: Parameters<OrtModule['InferenceSession']['create']>) => {
    const session = await ort.InferenceSession.create(...args);
    const run = session.run.bind(session);
    session.run = (async (...values: Parameters<typeof run>) => {
      const results = await run(...values);
      for (let turn = 0; turn < TURNS; turn += 1) await setImmediate();
      return results;
    }) as typeof run;
    return session;
  };
  return { Tensor: ort.Tensor, InferenceSession: { create } as OrtModule['InferenceSession'] };
}
