/** Requests of every version, from `test/unit/request/golden`: the same ones in each file. */
import { readFileSync } from 'node:fs';
import { type GenerateRequest, REQUEST_VERSION } from '../../models/protocol.js';

export const goldenRequests = (version: number): Record<string, unknown>[] =>
  JSON.parse(readFileSync(new URL(`../unit/request/golden/v${version}.json`, import.meta.url), 'utf8'));

/** One as version 1 stored it, and as it is read today. */
export const [OLD_REQUEST = {}] = goldenRequests(1);
export const [TODAY] = goldenRequests(REQUEST_VERSION) as [GenerateRequest];
