/** `twostep work`: a worker from start to end. */
import type { Pack } from '../../models/families/packs.js';
import { openEngine } from '../companion/local-engine.js';
import { createLogger } from '../companion/log.js';
import { warmUp } from '../companion/warm-up.js';
import type { Provider } from '../engine/messages.js';
import { CommandError } from '../node/errors.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import type { Reporter } from '../node/reporter.js';
import type { Catalogue } from '../packs/catalogue.js';
import { connectRedis } from './redis.js';
import { startWorker } from './worker.js';

export type WorkOptions = {
  /** Address of the Valkey or Redis server. */
  readonly queue: string;
  /** Ids; all at hand when left out. */
  readonly packs?: readonly string[] | undefined;
  readonly provider?: Provider | undefined;
  readonly batch?: number | undefined;
};

export type WorkContext = {
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  /** The bundled entry of the engine's process. */
  readonly worker: URL;
};

export async function work(options: WorkOptions, { reporter, signal, worker }: WorkContext): Promise<ExitCode> {
  const log = createLogger(reporter);
  const { catalogue, host } = openEngine({ ...options, script: worker, log });
  const opened: (() => unknown)[] = [host.close];
  try {
    const packs = await choosePacks(catalogue, options.packs);
    const shared = await connectRedis(options.queue, log.fault);
    opened.push(shared.close);
    const stopped = new Promise<undefined>((resolve) =>
      signal.addEventListener('abort', () => resolve(undefined), { once: true }),
    );
    const state = await Promise.race([host.started(), stopped]);
    if (signal.aborted || !state) return EXIT.ok;
    if (state.state !== 'ready') {
      const reason = 'reason' in state && state.reason ? state.reason : 'the engine does not start';
      throw new CommandError(EXIT.failed, `This machine can't draw: ${reason}`);
    }
    // Whoever is given the first request should not wait for graphs to load.
    const tried = await Promise.race([warmUp(host.engine, catalogue, packs[0] as Pack, signal), stopped]);
    if (signal.aborted) return EXIT.ok;
    if (tried?.failure || tried?.aside)
      throw new CommandError(EXIT.pack, `${packs[0]?.id} does not draw: ${tried.failure ?? tried.aside?.failure}`);
    const running = await startWorker({
      shared,
      engine: host.engine,
      packs,
      provider: state.provider,
      onFault: log.fault,
    });
    opened.push(running.close);
    const ids = packs.map(({ id }) => id);
    const text = `The worker is ready: ${ids.join(', ')}, computed by ${state.provider}. Ctrl-C ends it.`;
    reporter.result({ type: 'ready', packs: ids, provider: state.provider }, text);
    await stopped;
    reporter.note({ type: 'stopping' }, 'Stopping; what was being drawn goes to another worker.');
  } finally {
    for (const close of opened.reverse()) await close();
  }
  return EXIT.ok;
}

/** @throws CommandError where one of them is not at hand, or none is */
async function choosePacks(catalogue: Catalogue, wanted: readonly string[] | undefined): Promise<readonly Pack[]> {
  const here = (await catalogue.list()).flatMap((one) => (one.state === 'ready' ? [one.pack] : []));
  const names = here.map(({ id }) => id).join(', ') || 'none';
  const missing = wanted?.find((id) => !here.some((pack) => pack.id === id));
  if (missing !== undefined)
    throw new CommandError(EXIT.pack, `There is no pack "${missing}" on this machine; there are: ${names}.`);
  const packs = wanted ? here.filter(({ id }) => wanted.includes(id)) : here;
  if (packs.length === 0)
    throw new CommandError(EXIT.pack, 'There is no pack on this machine: "twostep pull" fetches one.');
  return packs;
}
