/**
 * The part of Figma's plugin API that is used here, and nothing more. The compiler checks in main.ts that the real `figma`
 * offers it; the playground and the tests implement it.
 */
import type { Colour, Command } from './messages.js';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Paint {
  readonly type: string;
}

export interface ImagePaint extends Paint {
  readonly type: 'IMAGE';
  /** FILL covers the layer and crops what is left over; FIT shows all of it; TILE repeats it from the layer's upper left corner. */
  readonly scaleMode: 'FILL' | 'FIT' | 'TILE';
  readonly imageHash: string;
  /** Of TILE: units of the canvas for each pixel of the picture. */
  readonly scalingFactor?: number;
}

export interface SolidPaint extends Paint {
  readonly type: 'SOLID';
  readonly color: Colour;
}

export interface PaintStyle {
  readonly id: string;
  readonly name: string;
  readonly paints: readonly Paint[];
}

/** A variable of type COLOR. */
export interface ColourVariable {
  readonly id: string;
  readonly name: string;
  readonly variableCollectionId: string;
  /** Of each mode a colour, or `{ type: 'VARIABLE_ALIAS', id }`. */
  readonly valuesByMode: { readonly [mode: string]: unknown };
}

/** Not in every editor. */
export interface Variables {
  getLocalVariablesAsync(type: 'COLOR'): Promise<readonly ColourVariable[]>;
  getVariableByIdAsync(id: string): Promise<ColourVariable | null>;
  getVariableCollectionByIdAsync(id: string): Promise<{ readonly defaultModeId: string } | null>;
  /** @returns the same paint, which has its colour from the variable */
  setBoundVariableForPaint(paint: SolidPaint, field: 'color', variable: ColourVariable | null): SolidPaint;
}

export interface GradientPaint extends Paint {
  readonly type: 'GRADIENT_LINEAR';
  readonly gradientTransform: [[number, number, number], [number, number, number]];
  readonly gradientStops: readonly {
    readonly position: number;
    readonly color: { readonly r: number; readonly g: number; readonly b: number; readonly a: number };
  }[];
}

/** Any node; which of the optional fields are there depends on its type. */
export interface CanvasNode {
  readonly id: string;
  name: string;
  readonly type: string;
  readonly removed: boolean;
  readonly parent: CanvasNode | null;
  readonly locked?: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly absoluteBoundingBox?: Rectangle | null;
  /** Of a text. */
  readonly characters?: string;
  /** Replaced, never changed. A symbol (figma.mixed) where parts of the layer differ. */
  fills?: readonly Paint[] | symbol;
  /** Of the colour style that gives the fills; empty without one. Whoever writes fills takes the layer off its style. */
  readonly fillStyleId?: string | symbol;
  setFillStyleIdAsync?(id: string): Promise<void>;
  getPluginData(key: string): string;
  setPluginData(key: string, value: string): void;
}

export interface NewNode extends CanvasNode {
  x: number;
  y: number;
  resize(width: number, height: number): void;
  setRelaunchData(data: { [command in Command]?: string }): void;
  remove(): void;
}

/** What createNodeFromSvg makes: a frame with groups and shapes in it. */
export interface VectorNode extends CanvasNode {
  readonly children?: readonly VectorNode[];
}

export interface NewFrame extends NewNode {
  readonly children: readonly VectorNode[];
  clipsContent: boolean;
  /** Within a frame that lays its layers out: AUTO is one of the row, and has its place from there; ABSOLUTE stands where it is put. */
  layoutPositioning: 'AUTO' | 'ABSOLUTE';
  /** With all that is in it. */
  rescale(scale: number): void;
}

/** A page or a layer that others can be put into. */
export interface Container extends CanvasNode {
  /** From the back to the front, the other way round where itemReverseZIndex says so. */
  readonly children: readonly CanvasNode[];
  readonly itemReverseZIndex?: boolean;
  /** NONE where it does not lay out what is in it. */
  readonly layoutMode?: string;
  appendChild(child: NewNode): void;
  /** Figma's containers have it; the playground's take layers on top only. */
  insertChild?(index: number, child: NewNode): void;
}

/** What happened to the layers of a page since the last time; properties only where the type is PROPERTY_CHANGE. */
export interface NodeChanges {
  readonly nodeChanges: readonly {
    readonly type: string;
    readonly id: string;
    readonly properties?: readonly string[];
  }[];
}

export interface Page extends CanvasNode {
  readonly children: readonly CanvasNode[];
  readonly selection: readonly CanvasNode[];
  /** Of Figma Slides, while one slide is shown: what is made goes onto it, and is placed from its corner. */
  readonly focusedSlide?: CanvasNode | null;
  /** Told of our own changes too, a moment later. Not in every editor. */
  on?(type: 'nodechange', callback: (event: NodeChanges) => void): void;
  off?(type: 'nodechange', callback: (event: NodeChanges) => void): void;
}

export interface DropEvent {
  readonly node: CanvasNode;
  readonly absoluteX: number;
  readonly absoluteY: number;
  readonly items: readonly { readonly type: string; readonly data: string }[];
  readonly files: readonly { readonly type: string; getBytesAsync(): Promise<Uint8Array> }[];
}

export interface RunEvent {
  readonly command: string;
  readonly parameters?: { readonly [key: string]: unknown } | undefined;
}

export interface ParameterInput {
  readonly query: string;
  readonly key: string;
  readonly result: { setSuggestions(suggestions: string[]): void };
}

export interface Host {
  readonly editorType: string;
  readonly root: CanvasNode;
  readonly currentPage: Page;
  /** Of the current page. */
  readonly viewport: {
    readonly center: { readonly x: number; readonly y: number };
    readonly bounds?: Rectangle;
    scrollAndZoomIntoView?(nodes: readonly CanvasNode[]): void;
  };
  readonly ui: {
    postMessage(message: unknown): void;
    onmessage: ((message: unknown, properties: never) => void) | undefined;
    resize(width: number, height: number): void;
  };
  readonly clientStorage: {
    getAsync(key: string): Promise<unknown>;
    setAsync(key: string, value: string): Promise<void>;
    deleteAsync(key: string): Promise<void>;
    keysAsync(): Promise<string[]>;
  };
  readonly parameters: { on(type: 'input', callback: (event: ParameterInput) => void): void };
  showUI(html: string, options: { width: number; height: number; themeColors: boolean; title: string }): void;
  on(type: 'run', callback: (event: RunEvent) => void): void;
  on(type: 'drop', callback: (event: DropEvent) => boolean): void;
  on(type: 'selectionchange' | 'currentpagechange' | 'close', callback: () => void): void;
  /** On the current page, or wherever this editor puts new things. */
  createFrame(): NewNode;
  createRectangle(): NewNode;
  /** Not in every editor. */
  createNodeFromSvg?(svg: string): NewFrame;
  getLocalPaintStylesAsync?(): Promise<readonly PaintStyle[]>;
  readonly variables?: Variables;
  createImage(bytes: Uint8Array): { readonly hash: string };
  /** Null for one that this file does not have. */
  getImageByHash(hash: string): { getBytesAsync(): Promise<Uint8Array> } | null;
  getNodeByIdAsync(id: string): Promise<CanvasNode | null>;
  commitUndo(): void;
  notify(text: string): unknown;
}
