/**
 * What the panel knows of an engine: how to look for it, how to pair with it, what it can draw, and the Engine itself.
 * Companion, engine page and the panel's own WASM each make one of these; the panel knows no transport.
 */
import type { Engine, Schedule } from '../../models/protocol.js';

export type EngineId = 'companion' | 'page' | 'panel';

/** How much work goes into a picture: one step, two steps, more. */
export type Quality = 'draft' | 'standard' | 'fine';
export const QUALITIES: readonly Quality[] = ['draft', 'standard', 'fine'];

export type Model = {
  readonly id: string;
  readonly name: string;
  /** What it can draw, in a sentence. */
  readonly description: string;
  readonly licence: string;
  readonly ideas: readonly string[];
  /** Names that it knows, for models that draw classes; null for models that read text. */
  readonly classes: readonly string[] | null;
  /** Pixels of a side as the model draws it. */
  readonly side: number;
  /** Which qualities it can do, and how. */
  readonly schedules: { readonly [quality in Quality]?: Schedule };
};

/** Why an engine is not there, by what the person can do about it. */
export type Absence =
  | 'stopped'
  | 'permission'
  | 'offline'
  | 'unsupported'
  | 'wrong-code'
  | 'too-many-codes'
  | 'damaged';

export type Finding =
  /** Nobody has asked yet, so nothing was sent. */
  | { readonly state: 'unasked' }
  | { readonly state: 'looking' }
  | { readonly state: 'ready'; readonly device: string; readonly models: readonly Model[] }
  /** It is there and shows a code in its window. */
  | { readonly state: 'unpaired' }
  | { readonly state: 'absent'; readonly why: Absence; readonly detail: string };

export type EngineOffer = {
  readonly id: EngineId;
  readonly engine: Engine;
  /** Whether looking for it sends nothing to anybody, so that it may happen without being asked. */
  readonly isLocal: boolean;
  find(signal: AbortSignal): Promise<Finding>;
  /** Exchanges the code for the right to draw. */
  pair?(code: string, signal: AbortSignal): Promise<Finding>;
};
