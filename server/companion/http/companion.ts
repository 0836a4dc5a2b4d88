/** What the routes work with. */
import type { HttpBindings } from '@hono/node-server';
import type { EngineState } from '../../engine/host.js';
import type { Catalogue } from '../../packs/catalogue.js';
import type { Pulls } from '../../packs/pulls.js';
import type { ReadPicture } from '../../pictures/decoder.js';
import type { UpstreamModel } from '../../upstream/models.js';
import type { Trace } from '../../vector/trace.js';
import type { Pairing } from '../auth/pairing.js';
import type { Tokens } from '../auth/tokens.js';
import type { CrewCounts } from '../backend.js';
import type { Jobs } from '../jobs/jobs.js';
import type { JobStore } from '../jobs/store.js';
import type { Logger } from '../log.js';
import type { PageFile } from '../pages.js';
import type { Panels } from '../panels.js';
import type { Metrics } from './metrics.js';

export type Companion = {
  readonly version: string;
  readonly jobs: Jobs;
  readonly store: JobStore;
  readonly tokens: Tokens;
  readonly pairing: Pairing;
  readonly catalogue: Catalogue;
  /** Models of other image servers that the owner added. */
  upstreams(): Promise<readonly UpstreamModel[]>;
  readonly pulls: Pulls;
  /** Panels that are open, to which pictures can be sent. */
  readonly panels: Panels;
  readonly metrics: Metrics;
  readonly log: Logger;
  engineState(): EngineState;
  /** Of the workers behind a shared queue; null where this companion draws itself. */
  readonly crew: (() => Promise<CrewCounts>) | null;
  /** Makes layers with outlines of a picture. */
  readonly trace: Trace;
  /** Decodes what clients want to be edited, in a process of its own. */
  readonly readPicture: ReadPicture;
  /** Names in the Host header that are ours, without port. */
  readonly hosts: ReadonlySet<string>;
  /** Files of playground and engine page by their address, for everyone. */
  readonly pages: ReadonlyMap<string, PageFile>;
};

/** What the guard found out about a request, and what Node knows of it where it came over a socket. */
export type Variables = { readonly Variables: { owner: string | undefined }; readonly Bindings: Partial<HttpBindings> };
