/**
 * What the companion and the engine's process say to each other.
 *
 * - `start` is the first message and comes once; the answer is `ready` or `unusable`.
 * - Each `generate` is answered by `event`s and then one `end`, whatever happens; `cancel` only makes that come sooner.
 * - Ids are the companion's and never used twice.
 */
import type { ProviderReport } from '../../models/api.js';
import type { GenerateEvent, GenerateRequest } from '../../models/protocol.js';

export type ToWorker =
  | {
      readonly type: 'start';
      readonly providers: readonly Provider[];
      /** Bytes that the open packs may take together. */
      readonly budget: number;
      /** Milliseconds after which a pack that nobody used is closed. */
      readonly idle: number;
      /** Pictures of a request that run together; null: what suits the provider. */
      readonly batch: number | null;
    }
  | {
      readonly type: 'generate';
      readonly id: number;
      /** Folder of the pack that the request names. */
      readonly folder: string;
      readonly request: GenerateRequest;
    }
  | { readonly type: 'cancel'; readonly id: number };

export type FromWorker =
  | { readonly type: 'ready'; readonly provider: Provider; readonly ladder: readonly ProviderReport[] }
  | { readonly type: 'unusable'; readonly ladder: readonly ProviderReport[] }
  | { readonly type: 'event'; readonly id: number; readonly event: GenerateEvent }
  /** `fault`: the program failed in a way that nobody expected. */
  | { readonly type: 'end'; readonly id: number; readonly fault: string | null }
  /** Something to mind, which hinders nothing. */
  | { readonly type: 'warning'; readonly message: string }
  /** Packs that are in memory now. */
  | { readonly type: 'open'; readonly packs: readonly string[] };

/** Execution providers of ONNX Runtime that its npm package holds on some system. */
export const PROVIDERS = ['cuda', 'webgpu', 'dml', 'coreml', 'cpu'] as const;
export type Provider = (typeof PROVIDERS)[number];
