/** A companion that draws nothing itself: its jobs, tokens and code lie with the queue, and workers draw. */
import { join } from 'node:path';
import { GenerateError } from '../../models/protocol.js';
import type { Backend } from '../companion/backend.js';
import type { Logger } from '../companion/log.js';
import type { EngineState } from '../engine/host.js';
import { PROVIDERS, type Provider } from '../engine/messages.js';
import { type Catalogue, createCatalogue } from '../packs/catalogue.js';
import type { ListedPack } from '../packs/list.js';
import { companionFolder } from '../packs/places.js';
import { openShared } from './open-shared.js';
import type { Crew } from './workers.js';

export async function openGateway(url: string, log: Logger): Promise<Backend> {
  const shared = await openShared(url, log.fault);
  const { crew, store, tokens, code, engine } = shared;
  return {
    store,
    tokens,
    code,
    engine,
    catalogue: createSharedCatalogue(crew, createCatalogue()),
    engineState: () => stateOf(crew),
    async crew() {
      const packs = [...crew.packs.keys()].sort();
      const depths = await shared.depths(packs);
      return {
        workers: crew.workers.length,
        busy: crew.workers.filter(({ busy }) => busy).length,
        packs: packs.map((pack) => ({ pack, workers: crew.of(pack).length, waiting: depths.get(pack) ?? 0 })),
      };
    },
    createJobs: ({ engine: drawing, onNews }) => shared.createJobs(drawing, onNews ? { onNews } : {}),
    started: async () => stateOf(crew),
    // Workers warm up by themselves.
    warmUp: async () => undefined,
    stopEngine: async () => {},
    close: shared.close,
  };
}

function stateOf(crew: Crew): EngineState {
  const [first] = crew.workers;
  if (!first)
    return { state: 'failed', reason: 'no worker is there; start one with "twostep work --queue URL"', ladder: [] };
  const provider = PROVIDERS.find((name): name is Provider => name === first.provider) ?? 'cpu';
  return { state: 'ready', provider, ladder: [], open: [...new Set(crew.workers.flatMap(({ packs }) => packs))] };
}

/**
 * The packs that workers have. Of one that lies here as well its words can be looked up here; of any other its pack.json is all that a
 * gateway needs.
 */
function createSharedCatalogue(crew: Crew, local: Catalogue): Catalogue {
  async function list(): Promise<ListedPack[]> {
    const here = await local.list();
    const there = new Set(crew.workers.flatMap(({ packs }) => packs));
    return [...crew.packs.values()]
      .filter(({ id }) => there.has(id))
      .map((pack) => {
        const found = here.find((one) => one.state === 'ready' && one.pack.id === pack.id);
        const { vocabulary: _, ...bare } = pack;
        if (found?.state === 'ready') return { state: 'ready', embedded: found.embedded, folder: found.folder, pack };
        return { state: 'ready', embedded: false, folder: join(companionFolder(), 'elsewhere', pack.id), pack: bare };
      });
  }
  return {
    list,
    async find(id) {
      const packs = (await list()).flatMap((one) => (one.state === 'ready' ? [one] : []));
      const best = await local.find(undefined).catch(() => undefined);
      const wanted = id ?? (packs.some(({ pack }) => pack.id === best?.pack.id) ? best?.pack.id : packs[0]?.pack.id);
      const found = packs.find(({ pack }) => pack.id === wanted);
      if (found) return found;
      const names = packs.map(({ pack }) => pack.id).join(', ') || 'none';
      const message =
        id === undefined
          ? 'No worker is there, so that nothing can be drawn. Start one with "twostep work --queue URL".'
          : `There is no worker with a model "${id.slice(0, 100)}"; those that are there have: ${names}.`;
      throw new GenerateError(id === undefined ? 'engine-unavailable' : 'unknown-pack', message);
    },
    refresh: local.refresh,
  };
}
