/** Between the companion and the thread that traces. */
import type { Traced } from './trace.js';

export type ToTracer = { readonly id: number; readonly png: Uint8Array };

export type FromTracer =
  | { readonly id: number; readonly traced: Traced }
  | { readonly id: number; readonly fault: string };
