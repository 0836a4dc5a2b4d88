/**
 * What the panel knows of an engine: how to look for it, how to pair with it, what it can draw, and the Engine itself.
 * Companion, engine page and the panel's own WASM each make one of these; the panel knows no transport.
 */
import type { CarryOut } from '../../models/client/panel-orders.js';
import type { Engine, GenerateRequest } from '../../models/protocol.js';
import type { Preset, Presets } from '../../models/request/presets.js';
import type { UnreadableRequest } from '../../models/request/upgrade.js';
import type { Vocabulary } from '../../models/vocabulary.js';

export type EngineId = 'companion' | 'page' | 'panel';

/** How much work goes into a picture: one step, two steps, more. */
export type Quality = Preset;

export type Model = {
  readonly id: string;
  readonly name: string;
  /** What it can draw, in a sentence. */
  readonly description: string;
  readonly licence: string;
  readonly ideas: readonly string[];
  /** Names that it knows, for models that draw classes; null for models that read text. */
  readonly classes: readonly string[] | null;
  /** The words that it understands, where it says so. */
  readonly vocabulary?: Vocabulary | undefined;
  /** Pixels of a side as the model draws it. */
  readonly side: number;
  /** Which qualities it can do, and how. */
  readonly schedules: Presets;
  /** Whether backgrounds can be taken away. */
  readonly transparent?: boolean;
  /** Whether its pictures are flat, and so drawn from their layers when they are larger than it draws them. */
  readonly isFlat?: boolean;
  /** Of a model on another server: what happens to the prompt, which the person must have seen before it goes there. */
  readonly notice?: string;
};

/** Why an engine is not there, by what the person can do about it. */
export type Absence =
  | 'stopped'
  | 'permission'
  | 'offline'
  | 'unsupported'
  | 'wrong-code'
  | 'too-many-codes'
  | 'damaged'
  /** It is there, and the search broke all the same: a connection that was cut, an answer of another version, none in time. */
  | 'unexpected';

/** What is known of an engine. */
export type Finding =
  /** Nobody has asked yet, so nothing was sent. */
  | { readonly state: 'unasked' }
  | { readonly state: 'ready'; readonly device: string; readonly models: readonly Model[] }
  /** It is there and shows a code in its window. */
  | { readonly state: 'unpaired' }
  | { readonly state: 'absent'; readonly why: Absence; readonly detail: string };

/** A finished picture that an engine keeps for a while. */
export type KeptPicture = {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** As it would draw this picture alone; null where it can't be read. */
  readonly request: GenerateRequest | null;
  readonly unreadable?: UnreadableRequest;
};

/** What an engine keeps of the past. Every call may fail, as engines vanish; then it throws. */
export type Memory = {
  /** A page of finished pictures, newest first. @param before `next` of the page before; null for the first */
  list(
    before: string | null,
    signal: AbortSignal,
  ): Promise<{ readonly pictures: readonly KeptPicture[]; readonly next: string | null }>;
  /** A small copy, as an encoded picture of any kind. */
  small(id: string, signal: AbortSignal): Promise<Blob>;
  /** The PNG as it was drawn. */
  whole(id: string, signal: AbortSignal): Promise<Uint8Array>;
};

export type EngineOffer = {
  readonly id: EngineId;
  readonly engine: Engine;
  /** For drafts that follow the words, and trials: like `engine`, but what it draws is kept nowhere. Left out, `engine` keeps nothing anyway. */
  readonly sketch?: Engine;
  /**
   * Goes on listening to a request that was given to it before, perhaps by a panel that was closed since.
   *
   * @returns an Engine that tells everything that was said of it, and will be; null where it knows nothing of it any more
   */
  resume?(request: GenerateRequest, signal: AbortSignal): Promise<Engine | null>;
  readonly memory?: Memory;
  /** Listens to what other programs ask this panel for, once it is ready; ends with the connection. */
  followOrders?(carryOut: CarryOut, signal: AbortSignal): Promise<void>;
  /** Whether looking for it sends nothing to anybody, so that it may happen without being asked. */
  readonly isLocal: boolean;
  /** The person opened the panel or begins to type: what takes a while before the first picture may begin now. */
  warm?(): void;
  find(signal: AbortSignal): Promise<Finding>;
  /** Exchanges the code for the right to draw. */
  pair?(code: string, signal: AbortSignal): Promise<Finding>;
};
