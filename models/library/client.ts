/**
 * The companion as an engine, over HTTP with `fetch`. It draws with the graphics card and with every pack that is installed there.
 *
 * @example
 * ```ts
 * import { createCompanionEngine } from 'twostep-image/client';
 *
 * // `twostep token create my-program` shows the token once.
 * const engine = createCompanionEngine({ url: 'http://localhost:21212', token });
 * for await (const event of engine(request, AbortSignal.timeout(60_000)))
 *   if (event.type === 'picture') show(event.bytes);
 * ```
 *
 * @module
 */
export { API_VERSION, type Health, type Job, type JobEvent, type Model, PORTS } from '../api.js';
export { type CompanionOptions, createCompanionEngine } from '../client/companion.js';
