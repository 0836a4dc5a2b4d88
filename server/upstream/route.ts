/** Requests to where they are drawn: a pack here, or another image server. */
import type { Engine } from '../../models/protocol.js';
import { createUpstreamEngine, type UpstreamEngineOptions } from './engine.js';
import { modelsOf, type UpstreamModel } from './models.js';
import { readUpstreams } from './settings.js';

export const listUpstreamModels = async (): Promise<readonly UpstreamModel[]> => modelsOf(await readUpstreams());

/**
 * @param local draws packs
 * @param upstreams asked at each request: what was removed meanwhile is asked no more
 */
export function routeEngine(
  local: Engine,
  upstreams: () => Promise<readonly UpstreamModel[]>,
  options: UpstreamEngineOptions,
): Engine {
  /** What a server was found to be able to is remembered for as long as its settings are the same. */
  const engines = new Map<string, { readonly settings: string; readonly engine: Engine }>();

  function engineOf(model: UpstreamModel): Engine {
    const settings = JSON.stringify(model.upstream);
    const known = engines.get(model.id);
    if (known?.settings === settings) return known.engine;
    const engine = createUpstreamEngine(model, options);
    engines.set(model.id, { settings, engine });
    return engine;
  }

  return async function* (request, signal) {
    const remote = (await upstreams()).find(({ id }) => id === request.pack);
    yield* (remote ? engineOf(remote) : local)(request, signal);
  };
}
