/** `twostep serve`: the companion from start to end. */
import { PORTS } from '../../models/api.js';
import type { EngineState } from '../engine/host.js';
import type { Provider } from '../engine/messages.js';
import { CommandError } from '../node/errors.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import type { Reporter } from '../node/reporter.js';
import { prepareFolder } from '../node/storage.js';
import { companionFolder, userPackFolder } from '../packs/places.js';
import { pullPack } from '../packs/pull.js';
import { createPulls } from '../packs/pulls.js';
import { createDecoder } from '../pictures/decoder.js';
import { listUpstreamModels, routeEngine } from '../upstream/route.js';
import { createTracer } from '../vector/tracer.js';
import { createPairing } from './auth/pairing.js';
import type { Backend } from './backend.js';
import { openEmbedded } from './embedded.js';
import { addressesFor, hostNames } from './http/addresses.js';
import { createApp } from './http/app.js';
import { listen } from './http/listen.js';
import { createMetrics } from './http/metrics.js';
import { type Instance, takeInstance } from './instance.js';
import { createLogger, type Logger } from './log.js';
import { openBrowser, readPages } from './pages.js';
import { createPanels } from './panels.js';
import { describeScreen } from './screen.js';

export type ServeOptions = {
  readonly port?: number | undefined;
  /** Addresses beside the loopback. */
  readonly listen?: readonly string[] | undefined;
  /** Names that the Host header may have, beside localhost. */
  readonly allowHost?: readonly string[] | undefined;
  readonly provider?: Provider | undefined;
  /** Pictures of a request that run together; what suits the provider when left out. */
  readonly batch?: number | undefined;
  readonly browser: boolean;
  /** Address of a Valkey or Redis server that several companions and their workers share. */
  readonly queue?: string | undefined;
};

export type ServeContext = {
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  readonly version: string;
  /** The bundled workers: the engine, what traces pictures, and what decodes those of other servers. */
  readonly worker: URL;
  readonly vectorWorker: URL;
  readonly decodeWorker: URL;
};

export type Serve = (options: ServeOptions, context: ServeContext) => Promise<ExitCode>;

/** Finished pictures are kept for a day, and two gigabytes of them. */
const KEPT = { age: 86_400_000, bytes: 2e9 } as const;
/** Milliseconds */
const SWEEP_EVERY = 60_000;
/** Milliseconds that a model call may still take when the person stops the companion. */
const LAST_CALL = 3000;

export const serve: Serve = async (options, context) => {
  const { reporter, version } = context;
  reporter.note({ type: 'starting', version }, `Twostep ${version} is starting.`);
  // What gateways keep lies with the queue, so that any number of them may run.
  if (options.queue !== undefined) return run(options, context, null);
  const folder = companionFolder();
  await prepareFolder(folder);
  const instance = await takeInstance(folder);
  if ('runningAt' in instance) {
    const { runningAt: port } = instance;
    refuseOptions(options, port);
    reporter.result({ type: 'running', port }, `The companion runs already: http://localhost:${port}`);
    return EXIT.ok;
  }
  if ('silent' in instance) {
    const whose = instance.silent === null ? 'Another companion' : `Another companion (process ${instance.silent})`;
    throw new CommandError(
      EXIT.failed,
      `${whose} has the folder "${folder}" and does not answer: it may be stopped, or hang. End it, or name another folder in TWOSTEP_DATA.`,
    );
  }

  return run(options, context, instance);
};

/** The companion once nobody else has its folder. */
async function run(options: ServeOptions, context: ServeContext, instance: Instance | null): Promise<ExitCode> {
  const { reporter, signal, version, vectorWorker, decodeWorker } = context;
  /** What was opened, to be closed in the opposite order, however this ends. */
  const opened: (() => unknown)[] = instance ? [instance.release] : [];
  try {
    const log = createLogger(reporter);
    const backend = await openBackend(options, context, log);
    opened.push(() => backend.close());
    const { store, tokens, catalogue } = backend;
    const pairing = createPairing(backend.code);
    const metrics = createMetrics();
    const pulls = createPulls(
      (url, stop, hosts) =>
        pullPack({ url, into: userPackFolder(), signal: stop, mayFollow: async (_, to) => hosts.includes(to.host) }),
      catalogue.refresh,
    );
    opened.push(() => pulls.close());
    const decoder = createDecoder(decodeWorker);
    opened.push(() => decoder.close());
    const jobs = await backend.createJobs({
      engine: routeEngine(backend.engine, listUpstreamModels, { decode: decoder.decode, environment: process.env }),
      onNews(news) {
        metrics.onNews(news);
        if (news.type === 'fault') log.fault(news.message);
        else if (news.type === 'finished' && reporter.json)
          log.info('job', { id: news.job.id, state: news.job.state, waited: news.waited }, '');
      },
    });
    opened.push(() => stop(jobs, backend));
    // ONNX Runtime loads and is tested in a process of its own while this one opens the ports.
    const starting = backend.started();
    // A disk that takes nothing is no reason to end: what runs is drawn all the same.
    const sweep = () => store.sweep(KEPT, Date.now()).catch((error: Error) => log.fault(error.message));
    const sweeping = setInterval(() => void sweep(), SWEEP_EVERY).unref();
    opened.push(() => clearInterval(sweeping));
    const tracer = createTracer(vectorWorker);
    opened.push(() => tracer.close());
    const asked = options.listen ?? [];
    const app = createApp({
      version,
      jobs,
      store,
      tokens,
      pairing,
      catalogue,
      upstreams: listUpstreamModels,
      pulls,
      panels: createPanels(),
      metrics,
      log,
      engineState: backend.engineState,
      crew: backend.crew,
      trace: tracer.trace,
      readPicture: decoder.read,
      hosts: hostNames(asked, options.allowHost ?? []),
      pages: await readPages(),
    });
    const ports = options.port === undefined ? PORTS : [options.port];
    const listening = await listen(app, { ...addressesFor(asked), ports }).catch(explainPorts(ports));
    opened.push(() => listening.close());
    const { port } = listening;
    await instance?.announce(port);
    const restored = await jobs.restore();

    // A driver that hangs, in the self-test or in the first picture, must not keep the person from stopping.
    const stopped = aborted(signal);
    const engine = (await Promise.race([starting, stopped])) ?? backend.engineState();
    const best = await catalogue.find(undefined).then(
      (found) => found.pack,
      () => null,
    );
    // Somebody's picture warms up as well, and should not wait for one that nobody sees.
    const { running, waiting } = jobs.counts();
    const idle = running + waiting === 0;
    const tried =
      engine.state === 'ready' && best && idle
        ? await Promise.race([backend.warmUp(best, signal), stopped])
        : undefined;
    if (!signal.aborted) {
      const spare = ports[0] !== port && port !== options.port;
      const { pack, failure, aside } = tried ?? { pack: best, failure: null, aside: null };
      reporter.result(
        {
          type: 'ready',
          port,
          pack: pack?.id ?? null,
          provider: providerOf(engine),
          warm: tried !== undefined && !failure,
          failure,
          aside: aside && { pack: aside.pack.id, failure: aside.failure },
          restored,
        },
        describeScreen({ version, port, code: pairing.code(), pack, failure, aside, engine, restored, spare }),
      );
      if (options.browser) openBrowser(`http://localhost:${port}/#pair=${pairing.code()}`);
    }
    await stopped;
    reporter.note({ type: 'stopping' }, 'Stopping; what is not finished goes on at the next start.');
  } finally {
    for (const close of opened.reverse()) await close();
  }
  return EXIT.ok;
}

/** The libraries of the shared queue are for those who name one. */
async function openBackend(options: ServeOptions, { worker }: ServeContext, log: Logger): Promise<Backend> {
  if (options.queue === undefined) return openEmbedded({ ...options, folder: companionFolder(), script: worker, log });
  const { openGateway } = await import('../queue/gateway.js');
  return openGateway(options.queue, log);
}

/** Options that the companion which runs already was not started with: to go past them in silence would be to say that they hold. */
function refuseOptions({ port, listen, allowHost, provider, batch }: ServeOptions, running: number): void {
  const said = { port: port === running ? undefined : port, listen, 'allow-host': allowHost, provider, batch };
  const lost = Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`]));
  if (lost.length > 0)
    throw new CommandError(
      EXIT.failed,
      `The companion runs already, at http://localhost:${running}, and ${lost.join(' and ')} can't be given to it any more. Stop it first (Ctrl-C where it was started), or start another one with a folder of its own: TWOSTEP_DATA=FOLDER.`,
    );
}

async function stop(jobs: { close(): Promise<void> }, { stopEngine }: Backend): Promise<void> {
  const saved = jobs.close();
  await Promise.race([saved, new Promise((resolve) => setTimeout(resolve, LAST_CALL).unref())]);
  await stopEngine();
  await saved;
}

const providerOf = (engine: EngineState) => (engine.state === 'ready' ? engine.provider : null);

/** What Node says of a place where it can't listen. */
type ListenFailure = NodeJS.ErrnoException & { readonly address?: string; readonly hostname?: string };

const explainPorts = (ports: readonly number[]) => (error: ListenFailure) => {
  if (error.code === 'EADDRINUSE')
    throw new CommandError(
      EXIT.failed,
      `Other programs have the ports ${ports.join(', ')}. Say another one with --port.`,
    );
  if (error.code === 'EACCES')
    throw new CommandError(EXIT.failed, `Port ${ports[0]} is not ours to use. Say another one with --port.`);
  // A link-local address without its zone is an invalid argument; names are looked up.
  if (['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'ENOTFOUND', 'EAI_AGAIN'].includes(error.code ?? ''))
    throw new CommandError(
      EXIT.usage,
      `This machine has no address ${error.address ?? error.hostname}, which --listen names.`,
    );
  throw error;
};

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
