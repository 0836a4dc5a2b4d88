/**
 * Which engine draws a request, and how many it is given at a time. The processor or graphics card here draws one after the other; another
 * image server is slow by itself, and must hold up neither the packs here nor other servers.
 */
import type { GenerateRequest } from '../../../models/protocol.js';
import { upstreamOf } from '../../upstream/models.js';

export type Lanes = {
  of(request: GenerateRequest): string;
  /** Runs at a time; may change, and be 0 where nobody is there to draw. */
  slots(lane: string): number;
  /** Calls the listener when there may be more slots than before. */
  onChange?(listener: () => void): void;
};

const HERE = 'here';

/** Of one server at a time: it has a queue of its own, and one that stands still should not be asked for everything. */
const UPSTREAM_SLOTS = 2;

export const EMBEDDED_LANES: Lanes = {
  of: ({ pack }) => upstreamOf(pack) ?? HERE,
  slots: (lane) => (lane === HERE ? 1 : UPSTREAM_SLOTS),
};
