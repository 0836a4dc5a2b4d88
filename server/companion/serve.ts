/** `twostep serve`: the companion from start to end. */
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { PORTS } from '../../models/api.js';
import { createEngineHost, type EngineHost, type EngineState } from '../engine/host.js';
import { ladderOf } from '../engine/ladder.js';
import type { Provider } from '../engine/messages.js';
import { thisSystem } from '../engine/trials.js';
import { CommandError } from '../node/errors.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import type { Reporter } from '../node/reporter.js';
import { prepareFolder } from '../node/storage.js';
import { createCatalogue } from '../packs/catalogue.js';
import { companionFolder, userPackFolder } from '../packs/places.js';
import { pullPack } from '../packs/pull.js';
import { createPulls } from '../packs/pulls.js';
import { createDecoder } from '../upstream/decoder.js';
import { listUpstreamModels, routeEngine } from '../upstream/route.js';
import { createTracer } from '../vector/tracer.js';
import { createPairing } from './auth/pairing.js';
import { openTokens } from './auth/tokens.js';
import { addressesFor, hostNames } from './http/addresses.js';
import { createApp } from './http/app.js';
import { listen } from './http/listen.js';
import { createMetrics } from './http/metrics.js';
import { takeInstance } from './instance.js';
import { createJobs } from './jobs/jobs.js';
import { openJobStore } from './jobs/store.js';
import { createLogger } from './log.js';
import { openBrowser, readPages } from './pages.js';
import { createPanels } from './panels.js';
import { describeScreen } from './screen.js';
import { createChoice, warmUp } from './warm-up.js';

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
const PACK_IDLE = 15 * 60_000;
/** Milliseconds that a model call may still take when the person stops the companion. */
const LAST_CALL = 3000;
/** The rest is for Figma, the browser and the system. */
const MEMORY_SHARE = 0.6;

export const serve: Serve = async (options, { reporter, signal, version, worker, vectorWorker, decodeWorker }) => {
  reporter.note({ type: 'starting', version }, `Twostep ${version} is starting.`);
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

  /** What was opened, to be closed in the opposite order, however this ends. */
  const opened: (() => unknown)[] = [instance.release];
  try {
    const log = createLogger(reporter);
    const onDamage = (lost: string) => (aside: string, what: string) =>
      log.info('damaged', { aside, what }, `Note: ${lost} (${what}). What there was is set aside as "${aside}".`);
    const store = openJobStore(join(folder, 'jobs'), {
      onDamage: onDamage('the store of jobs and pictures was damaged; jobs that were not finished are drawn again'),
    });
    opened.push(() => store.close());
    const tokens = openTokens(join(folder, 'access'), {
      onDamage: onDamage('the store of keys was damaged; panels and programs have to be paired again'),
    });
    opened.push(() => tokens.close());
    const pairing = createPairing();
    const metrics = createMetrics();
    const catalogue = createChoice(createCatalogue());
    const pulls = createPulls(
      (url, stop, hosts) =>
        pullPack({ url, into: userPackFolder(), signal: stop, mayFollow: async (_, to) => hosts.includes(to.host) }),
      catalogue.refresh,
    );
    opened.push(() => pulls.close());
    const host = createEngineHost({
      script: worker,
      providers: options.provider ? [options.provider] : ladderOf(thisSystem()),
      budget: totalmem() * MEMORY_SHARE,
      idle: PACK_IDLE,
      batch: options.batch,
      folderOf: async (id) => (await catalogue.find(id)).folder,
      onWarning: (message) => log.info('warning', { message }, `Note: ${message}`),
    });
    const decoder = createDecoder(decodeWorker);
    opened.push(() => decoder.close());
    const drawing = routeEngine(host.engine, listUpstreamModels, { decode: decoder.decode, environment: process.env });
    const jobs = createJobs({
      engine: drawing,
      store,
      onNews(news) {
        metrics.onNews(news);
        if (news.type === 'fault') log.fault(news.message);
        else if (news.type === 'finished' && reporter.json)
          log.info('job', { id: news.job.id, state: news.job.state, waited: news.waited }, '');
      },
    });
    opened.push(() => stop(jobs, host));
    // ONNX Runtime loads and is tested in a process of its own while this one opens the ports.
    const starting = host.started();
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
      engineState: host.state,
      trace: tracer.trace,
      hosts: hostNames(asked, options.allowHost ?? []),
      pages: await readPages(),
    });
    const ports = options.port === undefined ? PORTS : [options.port];
    const listening = await listen(app, { ...addressesFor(asked), ports }).catch(explainPorts(ports));
    opened.push(() => listening.close());
    const { port } = listening;
    await instance.announce(port);
    const restored = jobs.restore();

    // A driver that hangs, in the self-test or in the first picture, must not keep the person from stopping.
    const stopped = aborted(signal);
    const engine = (await Promise.race([starting, stopped])) ?? host.state();
    const best = await catalogue.find(undefined).then(
      (found) => found.pack,
      () => null,
    );
    // Somebody's picture warms up as well, and should not wait for one that nobody sees.
    const { running, waiting } = jobs.counts();
    const idle = running + waiting === 0;
    const tried =
      engine.state === 'ready' && best && idle
        ? await Promise.race([warmUp(host.engine, catalogue, best, signal), stopped])
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
};

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

async function stop(jobs: { close(): Promise<void> }, host: EngineHost): Promise<void> {
  const saved = jobs.close();
  await Promise.race([saved, new Promise((resolve) => setTimeout(resolve, LAST_CALL).unref())]);
  await host.close();
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
