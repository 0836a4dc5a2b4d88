/**
 * What the tools need of the program that they run in: the companion (http/mcp-host.ts), or `twostep mcp` (cli/mcp-host.ts).
 *
 * `image` is the handle of a finished picture, as answers give it out: the path of its file where agent and program share a disk and a
 * person, else `<job>/<index>`.
 */
import type { GenerateEvent, GenerateRequest } from '../../models/protocol.js';
import type { DrawingModel } from '../drawing/drawing-model.js';
import type { Trace } from '../vector/trace.js';

/** Where an agent finds a picture. */
export type Whereabouts = { readonly file: string } | { readonly url: string };

type Drawn = Extract<GenerateEvent, { type: 'picture' }> & { readonly image: string; readonly at: Whereabouts };
export type DrawEvent = Exclude<GenerateEvent, { type: 'picture' | 'draft' }> | Drawn;

export type ImageHost = {
  /** What can draw, best first. */
  models(): Promise<readonly DrawingModel[]>;
  /** As an Engine does; each finished picture is kept before it is told. */
  draw(request: GenerateRequest, signal: AbortSignal): AsyncIterable<DrawEvent>;
  /** The file of a picture. @throws in words where there is none, or it is not ours */
  read(image: string): Promise<Uint8Array>;
  readonly trace: Trace;
  /** Keeps a picture's layers as SVG. */
  keepVectors(image: string, svg: string): Promise<Whereabouts>;
  /** Puts a picture into the document of the panel that is open. @returns names of the layers that carry it */
  place(image: string, where: 'selection' | 'beside', signal: AbortSignal): Promise<readonly string[]>;
  /** A sentence for anything that was thrown here; undefined for a fault of the program, which the host logs. */
  explain(error: unknown): string | undefined;
};
