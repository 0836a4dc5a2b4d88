/**
 * What is behind the routes: where jobs and tokens are kept, who draws, and which packs there are. All of it on this machine (embedded.ts),
 * or with the queue that several companions share (server/queue).
 */
import type { Pack } from '../../models/pack.js';
import type { Engine } from '../../models/protocol.js';
import type { EngineState } from '../engine/host.js';
import type { Catalogue } from '../packs/catalogue.js';
import type { PairingCode } from './auth/pairing.js';
import type { Tokens } from './auth/tokens.js';
import type { Jobs, JobsOptions } from './jobs/jobs.js';
import type { JobStore } from './jobs/store.js';
import type { WarmUp } from './warm-up.js';

/** The workers of a shared queue, in numbers. */
export type CrewCounts = {
  readonly workers: number;
  readonly busy: number;
  /** By pack: workers that have it, and runs that wait for one. */
  readonly packs: readonly { readonly pack: string; readonly workers: number; readonly waiting: number }[];
};

export type Backend = {
  readonly store: JobStore;
  readonly tokens: Tokens;
  /** Where the pairing code lies; in this process when left out. */
  readonly code: PairingCode | undefined;
  readonly catalogue: Catalogue;
  /** Draws packs. */
  readonly engine: Engine;
  engineState(): EngineState;
  /** Null where this companion draws itself. */
  readonly crew: (() => Promise<CrewCounts>) | null;
  createJobs(options: Pick<JobsOptions, 'engine' | 'onNews'>): Promise<Jobs>;
  /** Resolves when it is known whether it can draw. */
  started(): Promise<EngineState>;
  /** Draws once with the best pack, and tries another where that fails. */
  warmUp(best: Pack, signal: AbortSignal): Promise<WarmUp | undefined>;
  stopEngine(): Promise<void>;
  close(): Promise<void>;
};
