/**
 * What is said between a panel and the engine page, and between the engine page and its worker: the same calls on both ways.
 *
 * - A panel says `Hello` to the page's window, with a number used once; the page answers `Ready` with the same number and a
 *   port, once in its life. Everything else goes through that port, where nobody else can speak.
 * - A call has an id of the caller's; `end` is the last reply to it, exactly once. `cancel` names the call that shall end.
 * - The bytes of pictures are transferred, never copied.
 */
import * as z from 'zod/mini';
import type { Pack } from '../../models/pack.js';
import type { ErrorCode, GenerateEvent } from '../../models/protocol.js';
import { AnyRequest } from '../../models/request/upgrade.js';
import { text } from '../../models/schema.js';

const Nonce = z.string().check(z.regex(/^[0-9a-f]{32}$/));

export const Hello = z.strictObject({ type: z.literal('twostep-hello'), version: z.literal(1), nonce: Nonce });
export const Ready = z.strictObject({ type: z.literal('twostep-ready'), version: z.literal(1), nonce: Nonce });

const id = z.int().check(z.minimum(0));

/** Enough of a call to answer it, where the rest can't be read. */
export const NamedCall = z.object({ id });

/** What a panel may ask. */
export const Call = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('find'), id }),
  z.strictObject({ type: z.literal('draw'), id, request: AnyRequest }),
  /** One of those that the page's own host has; who nests the page can't have it fetch anything else. */
  z.strictObject({ type: z.literal('fetch'), id, pack: text(0, 200) }),
  z.strictObject({ type: z.literal('erase'), id, pack: text(0, 200) }),
  z.strictObject({ type: z.literal('cancel'), id }),
]);

export type Hello = z.infer<typeof Hello>;
export type Ready = z.infer<typeof Ready>;
export type Call = z.infer<typeof Call>;

/** Packs, and the room that they take. */
export type Shelf = {
  /** What the networks run on, in a word for the person. */
  readonly device: string;
  /** Bytes as they are kept here. */
  readonly stored: readonly { readonly pack: Pack; readonly bytes: number }[];
  /** What the page's own host has beside those; drawing with one fetches it first. */
  readonly offered: readonly Pack[];
  /** Bytes of everything that is kept, unfinished downloads included; and what the browser would allow. */
  readonly used: number;
  readonly quota: number | null;
};

export type Failure = { readonly code: ErrorCode; readonly message: string };

export type Reply =
  | { readonly type: 'event'; readonly id: number; readonly event: GenerateEvent }
  | { readonly type: 'shelf'; readonly id: number; readonly shelf: Shelf }
  /** Bytes of a pack that are here. */
  | { readonly type: 'fetched'; readonly id: number; readonly bytes: number; readonly total: number }
  | { readonly type: 'end'; readonly id: number; readonly failure: Failure | null };

/** What the networks run on, best first. */
export type Provider = 'webgpu' | 'wasm';

export type ToWorker =
  | Call
  /** First of all. The worker holds the lock of this name as long as it lives. */
  | { readonly type: 'boot'; readonly provider: Provider; readonly lock: string }
  /** Files that the person dropped on the page; `path` as in their folder. */
  | {
      readonly type: 'add';
      readonly id: number;
      readonly files: readonly { readonly path: string; readonly file: Blob }[];
    };

export type FromWorker =
  | Reply
  /** It has its lock. */
  | { readonly type: 'alive' }
  /** A known answer came out right on this device. */
  | { readonly type: 'booted'; readonly device: string }
  | { readonly type: 'unfit'; readonly message: string }
  /** The graphics device is gone, and with it this worker. */
  | { readonly type: 'lost'; readonly message: string };
