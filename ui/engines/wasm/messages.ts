/** From the panel to the worker that runs ONNX Runtime in WASM, which answers like the engine page's worker. */
import type { Pack } from '../../../models/pack.js';
import type { GenerateRequest } from '../../../models/protocol.js';

export type ToWorker =
  /** First of all. Deflated and in base64, as they lie in the page: the runtime, and the pack's files one after the other. */
  | { readonly type: 'open'; readonly runtime: string; readonly pack: Pack; readonly files: string }
  | { readonly type: 'draw'; readonly id: number; readonly request: GenerateRequest }
  | { readonly type: 'cancel'; readonly id: number };
