/**
 * What a generation is, for programs that store requests or pass them on and draw nothing themselves.
 *
 * @example
 * ```ts
 * import { upgradeRequest } from 'twostep-image/protocol';
 *
 * const read = upgradeRequest(JSON.parse(stored));
 * if (read.ok) show(read.request.prompt);
 * else show(read.message); // keep `read.raw`: it may be of a newer version
 * ```
 *
 * @module
 */
export {
  type Edit,
  type Engine,
  ERROR_CODES,
  type ErrorCode,
  GenerateError,
  type GenerateEvent,
  GenerateRequest,
  LIMITS,
  type Picture,
  PLAN_FIELDS,
  type PlanField,
  REQUEST_DEFAULTS,
  REQUEST_VERSION,
  Sampling,
  Schedule,
  WARNING_CODES,
} from '../protocol.js';
export { buildRequest, InvalidRequestError, type RequestTarget, seedsFrom, type Wishes } from '../request/build.js';
export { type UpgradedRequest, upgradeRequest, upgradeRequestText } from '../request/upgrade.js';
