/** What draws on this machine, for a companion and for a worker: an engine in a process beside this one. */
import { totalmem } from 'node:os';
import { createEngineHost, type EngineHost } from '../engine/host.js';
import type { Provider } from '../engine/messages.js';
import { providersOf } from '../engine/select-provider.js';
import { thisSystem } from '../engine/trials.js';
import { createCatalogue } from '../packs/catalogue.js';
import type { Logger } from './log.js';
import { type Choice, createChoice } from './warm-up.js';

/** Milliseconds */
const PACK_IDLE = 15 * 60_000;
/** The rest is for Figma, the browser and the system. */
const MEMORY_SHARE = 0.6;

export type EngineOptions = {
  /** The bundled entry of the engine's process. */
  readonly script: URL;
  readonly provider?: Provider | undefined;
  readonly batch?: number | undefined;
  readonly log: Logger;
};

export function openEngine({ script, provider, batch, log }: EngineOptions): {
  readonly catalogue: Choice;
  readonly host: EngineHost;
} {
  const catalogue = createChoice(createCatalogue());
  const host = createEngineHost({
    script,
    providers: provider ? [provider] : providersOf(thisSystem()),
    budget: totalmem() * MEMORY_SHARE,
    idle: PACK_IDLE,
    batch,
    folderOf: async (id) => (await catalogue.find(id)).folder,
    onWarning: (message) => log.info('warning', { message }, `Note: ${message}`),
  });
  return { catalogue, host };
}
