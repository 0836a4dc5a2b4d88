/** Everything that a gateway has from the queue that it shares with others, in the places of what it otherwise has of its own. */
import { randomUUID } from 'node:crypto';
import type { Engine } from '../../models/protocol.js';
import type { PairingCode } from '../companion/auth/pairing.js';
import type { Tokens } from '../companion/auth/tokens.js';
import { createJobs, type Jobs, type JobsOptions } from '../companion/jobs/jobs.js';
import { EMBEDDED_LANES, type Lanes } from '../companion/jobs/lanes.js';
import type { JobStore } from '../companion/jobs/store.js';
import { upstreamOf } from '../upstream/models.js';
import { createDispatch, type Dispatch } from './dispatch.js';
import { joinGateways } from './gateways.js';
import { openSharedJobStore } from './job-store.js';
import { connectRedis } from './redis.js';
import { createRunEngine } from './run-engine.js';
import { createSharedJobs, isAttended } from './shared-jobs.js';
import { openSharedCode, openSharedTokens } from './tokens.js';
import { type Crew, watchCrew } from './workers.js';

export type SharedCompanion = {
  readonly engine: Engine;
  readonly store: JobStore;
  readonly tokens: Tokens;
  readonly code: PairingCode;
  readonly crew: Crew;
  readonly depths: Dispatch['depths'];
  /** @param engine draws: the workers, and other image servers beside them */
  createJobs(engine: Engine, options: Pick<JobsOptions, 'onNews' | 'limits'>): Promise<Jobs>;
  close(): Promise<void>;
};

/** Runs for a pack that no worker has at the moment: they are told so, one beside the other. */
const WITHOUT_WORKER = 16;

export async function openShared(
  url: string,
  onFault: (message: string) => void,
  patience?: number,
): Promise<SharedCompanion> {
  const shared = await connectRedis(url, onFault);
  const gateway = randomUUID();
  const store = openSharedJobStore(shared.redis, gateway);
  const [tokens, code, crew] = await Promise.all([openSharedTokens(shared), openSharedCode(shared), watchCrew(shared)]);
  const dispatch = createDispatch(shared);
  const runs = createRunEngine({ shared, dispatch, crew, ...(patience === undefined ? {} : { patience }) });
  const lanes: Lanes = {
    of: (request) => upstreamOf(request.pack) ?? `pack ${request.pack}`,
    slots: (lane) =>
      lane.startsWith('pack ') ? crew.slots(lane.slice('pack '.length)) || WITHOUT_WORKER : EMBEDDED_LANES.slots(lane),
    onChange: crew.onChange,
  };

  return {
    engine: runs.engine,
    store,
    tokens,
    code,
    crew,
    depths: dispatch.depths,
    async createJobs(engine, { limits, ...options }) {
      const gateways = await joinGateways(shared, gateway);
      const local = createJobs({
        ...options,
        engine,
        store,
        lanes,
        // How often a run was begun counts where it is drawn (worker.ts); a gateway that ends takes no part in that.
        limits: { ...limits, attempts: Number.POSITIVE_INFINITY },
        isAttended: (id) => isAttended(shared, id),
      });
      return createSharedJobs({ local, store, shared, gateways, onClosing: runs.suspend, onFault });
    },
    async close() {
      crew.close();
      await tokens.close();
      await dispatch.close();
      shared.close();
    },
  };
}
