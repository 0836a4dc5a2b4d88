/** The companion by itself: LMDB in its folder, and an engine in a process beside it. */
import { join } from 'node:path';
import { openTokens } from './auth/lmdb-tokens.js';
import type { Backend } from './backend.js';
import { createJobs } from './jobs/jobs.js';
import { openJobStore } from './jobs/lmdb-store.js';
import { type EngineOptions, openEngine } from './local-engine.js';
import { warmUp } from './warm-up.js';

/** @param folder of the stores; is there, and nobody else has it */
export async function openEmbedded({
  folder,
  ...options
}: EngineOptions & { readonly folder: string }): Promise<Backend> {
  const { log } = options;
  const onDamage = (lost: string) => (aside: string, what: string) =>
    log.info('damaged', { aside, what }, `Note: ${lost} (${what}). What there was is set aside as "${aside}".`);
  const store = openJobStore(join(folder, 'jobs'), {
    onDamage: onDamage('the store of jobs and pictures was damaged; jobs that were not finished are drawn again'),
  });
  const tokens = openTokens(join(folder, 'access'), {
    onDamage: onDamage('the store of keys was damaged; panels and programs have to be paired again'),
  });
  const { catalogue, host } = openEngine(options);
  return {
    store,
    tokens,
    code: undefined,
    catalogue,
    engine: host.engine,
    engineState: host.state,
    crew: null,
    createJobs: async (given) => createJobs({ ...given, store }),
    started: host.started,
    warmUp: (best, signal) => warmUp(host.engine, catalogue, best, signal),
    stopEngine: host.close,
    async close() {
      await tokens.close();
      await store.close();
    },
  };
}
