/** Between the panel and the worker that runs ONNX Runtime in WASM. */
import type { Pack } from '../../../models/pack.js';
import type { GenerateEvent, GenerateRequest } from '../../../models/protocol.js';

export type ToWorker =
  /** First of all. Deflated and in base64, as they lie in the page: the runtime, and the pack's files one after the other. */
  | { readonly type: 'open'; readonly runtime: string; readonly pack: Pack; readonly files: string }
  | { readonly type: 'draw'; readonly id: number; readonly request: GenerateRequest }
  | { readonly type: 'cancel'; readonly id: number };

/** An event of a request; `fault` when the engine threw, which only bugs do. */
export type FromWorker =
  | { readonly type: 'event'; readonly id: number; readonly event: GenerateEvent }
  | { readonly type: 'fault'; readonly id: number; readonly message: string };
