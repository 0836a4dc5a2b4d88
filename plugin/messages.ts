/**
 * What the panel and the canvas say to each other, whole: Figma's sandbox and the playground speak it alike.
 *
 * Invariants
 * - Only JSON-like values and `Uint8Array` cross; one picture a message, as an encoded PNG.
 * - The selection is pushed by the canvas, never asked for.
 * - A `reserve` shows placeholders for a job. Each of them ends with a `place` of the same job and index, or with `release`.
 * - A `place` without a reservation looks for its place then.
 * - Every `place` and every `place-vectors` is answered, once, with `placed` or `refused`.
 * - `placed` names a mark; `standing` says of that mark which layers still carry the picture, whenever that changes.
 * - Every `read-colours` is answered, once, with `colours`, and every `read-labels` with `labels`.
 * - Every `read-image` is answered, once, with an `image` of the same layer.
 * - Requests cross as the JSON of a GenerateRequest with one seed: the canvas stores it and does not look inside.
 */
/** Largest sizes, with the honest use that they must allow. */
export const CANVAS_LIMITS = {
  /** A photograph of 4096 x 4096 as PNG. */
  pictureBytes: 64_000_000,
  /** Figma takes no larger image. Pixels. */
  side: 4096,
  /** As many as a request may hold. */
  places: 64,
  /** The panel names a few and counts the rest. */
  nodes: 50,
  /** setPluginData takes 100 kB; a prompt of 20,000 emoji escaped in JSON has 240 kB and is refused here in words. Bytes. */
  request: 100_000,
  /** A shard of the history. Characters. */
  stored: 500_000,
  /** Of Figma's 5 MB for a whole plugin; the rest is for keys and their bookkeeping. Characters. */
  storedTotal: 4_500_000,
  /** Figma's own. Characters. */
  notice: 100,
  /** Of a tracing of 1,500 points: 100 kB; the request in it may have another 100 kB. Characters. */
  vectors: 500_000,
  /** Layers of a tracing. */
  layers: 500,
  /** Colour styles and variables: a large design system. */
  colours: 500,
  /** Of layers' names and jobs. Characters. */
  name: 500,
  panel: { width: [240, 600], height: [240, 1200] },
} as const;

/** Each part 0 to 1, sRGB. */
export type Colour = { readonly r: number; readonly g: number; readonly b: number };

/** A colour style or variable of the file, with its colour as `#rrggbb`. */
export type FileColour = {
  readonly kind: 'style' | 'variable';
  readonly id: string;
  readonly name: string;
  readonly colour: string;
};

/** What a selected layer is about; null where neither its name nor a text beside it says. */
export type Label = { readonly id: string; readonly label: string | null };

/** Where pictures go: into the selected layers, or into new frames in free space. */
export type Where = 'selection' | 'beside';

/** Why a picture could not go where it was meant to go. */
export const REFUSALS = [
  'read-only',
  'not-a-picture',
  'too-large',
  'request-too-long',
  'storage-full',
  'not-vectors',
  'unsupported',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Why a layer is not filled; the picture is put beside it instead. */
export const HINDRANCES = ['locked', 'text', 'group', 'no-fill', 'no-layers', 'deleted'] as const;
export type Hindrance = (typeof HINDRANCES)[number];

export type Target = {
  readonly id: string;
  readonly name: string;
  /** Pixels, at least 1. */
  readonly width: number;
  readonly height: number;
  readonly hindrance: Hindrance | null;
  /** The request that its picture was made with. */
  readonly request: string | null;
};

/** Why the panel was opened. */
export const COMMANDS = ['open', 'generate', 'regenerate', 'vary', 'copy-prompt'] as const;
export type Command = (typeof COMMANDS)[number];

/**
 * How a picture goes on in a layer of another shape: with the one colour of its edges, or again and again, because it is a seamless pattern. Null where it
 * can't, and the layer crops it.
 */
export type Beyond = Colour | 'again' | 'nothing';

export type ToCanvas =
  /** The panel is there and listens. Answered with `hello` and `selection`. */
  | { readonly type: 'ready' }
  | {
      readonly type: 'reserve';
      readonly job: string;
      readonly pictures: number;
      readonly where: Where;
      /** Pixels, of a new frame. */
      readonly width: number;
      readonly height: number;
    }
  | { readonly type: 'advance'; readonly job: string; readonly index: number; readonly fraction: number }
  | {
      readonly type: 'place';
      readonly job: string;
      readonly index: number;
      readonly where: Where;
      readonly title: string;
      readonly bytes: Uint8Array;
      readonly width: number;
      readonly height: number;
      readonly beyond: Beyond | null;
      readonly request: string;
    }
  /** A picture as layers with outlines; `layers` are their names in the order in which the SVG paints them. */
  | {
      readonly type: 'place-vectors';
      readonly job: string;
      readonly index: number;
      readonly where: Where;
      readonly title: string;
      readonly svg: string;
      readonly layers: readonly string[];
      /** Layers of one of these colours are bound to its style or variable. */
      readonly bound: readonly FileColour[];
      readonly width: number;
      readonly height: number;
      readonly beyond: Beyond | null;
      readonly request: string;
    }
  /** Cancelled, failed or done: placeholders that are left vanish. */
  | { readonly type: 'release'; readonly job: string }
  /** Colour styles and variables of the file. */
  | { readonly type: 'read-colours' }
  /** What the selected layers are about. */
  | { readonly type: 'read-labels' }
  /** The picture that a layer carries from us. */
  | { readonly type: 'read-image'; readonly id: string }
  | { readonly type: 'store'; readonly key: string; readonly value: string | null }
  | { readonly type: 'load'; readonly key: string }
  | { readonly type: 'notify'; readonly text: string }
  | { readonly type: 'resize'; readonly width: number; readonly height: number };

export type ToPanel =
  | {
      readonly type: 'hello';
      readonly editor: string;
      /** Tells the pictures of this file from those of others; it is kept in the file once something was placed. */
      readonly file: string;
      readonly command: Command;
      /** Given with a quick action. */
      readonly prompt: string | null;
    }
  | { readonly type: 'selection'; readonly targets: readonly Target[]; readonly total: number }
  | {
      readonly type: 'placed';
      readonly job: string;
      readonly index: number;
      /** Of this placing, for `standing`. */
      readonly mark: number;
      /** Layers that carry the picture now, the first of them where there are very many. */
      readonly names: readonly string[];
      /** Layers that were meant but could not be filled, where the picture stands beside them instead. */
      readonly hindered: readonly { readonly name: string; readonly hindrance: Hindrance }[];
    }
  /** Undone, redone, deleted, painted over: the layers that carry the picture of a mark from now on. */
  | { readonly type: 'standing'; readonly mark: number; readonly names: readonly string[] }
  /** Null where the layer is gone, or carries no picture of ours. */
  | { readonly type: 'image'; readonly id: string; readonly bytes: Uint8Array | null }
  | { readonly type: 'labels'; readonly labels: readonly Label[] }
  | { readonly type: 'colours'; readonly colours: readonly FileColour[] }
  | { readonly type: 'refused'; readonly job: string; readonly index: number; readonly reason: Refusal }
  | { readonly type: 'stored'; readonly key: string; readonly value: string | null }
  | { readonly type: 'not-stored'; readonly key: string; readonly reason: Refusal };

/** What the panel adds to a picture that is dragged out of it, as the text of an item of this type. */
export const DROP_TYPE = 'application/x-twostep';
export type Dropped = {
  readonly title: string;
  readonly request: string;
  readonly width: number;
  readonly height: number;
  readonly beyond: Beyond | null;
};

type Check = (value: unknown) => boolean;
type Shape = { readonly [field: string]: Check };

const text =
  (limit: number): Check =>
  (value) =>
    typeof value === 'string' && value.length <= limit;
const whole =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
const oneOf =
  (values: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && values.includes(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check, limit: number): Check =>
  (value) =>
    Array.isArray(value) && value.length <= limit && value.every(check);
const bytes: Check = (value) => value instanceof Uint8Array && value.length <= CANVAS_LIMITS.pictureBytes;
const positive: Check = (value) => typeof value === 'number' && value > 0 && value < 1e9;
const fraction: Check = (value) => typeof value === 'number' && value >= 0 && value <= 1;
const key: Check = (value) => typeof value === 'string' && /^[a-z]{1,20}(-\d{1,3})?$/.test(value);
const name = text(CANVAS_LIMITS.name);
const side = whole(1, CANVAS_LIMITS.side);
const index = whole(0, CANVAS_LIMITS.places - 1);
const stored = orNull(text(CANVAS_LIMITS.stored));
const where = oneOf(['selection', 'beside']);
const request = text(CANVAS_LIMITS.request);

/** Exactly these fields, each as it should be. */
const shaped =
  (shape: Shape): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === Object.keys(shape).length &&
    Object.keys(shape).every((field) => shape[field]!((value as Record<string, unknown>)[field]));

const colour = shaped({ r: fraction, g: fraction, b: fraction });
const beyond = orNull((value) => value === 'again' || value === 'nothing' || colour(value));

const target = shaped({
  id: name,
  name,
  width: positive,
  height: positive,
  hindrance: orNull(oneOf(HINDRANCES)),
  request: orNull(request),
});

const fileColour = shaped({
  kind: oneOf(['style', 'variable']),
  id: name,
  name,
  colour: (value) => typeof value === 'string' && /^#[0-9a-f]{6}$/.test(value),
});

type Shapes<Message extends { readonly type: string }> = {
  readonly [Type in Message['type']]: {
    readonly [Field in Exclude<keyof Extract<Message, { type: Type }>, 'type'>]: Check;
  };
};

const TO_CANVAS: Shapes<ToCanvas> = {
  ready: {},
  reserve: { job: name, pictures: whole(1, CANVAS_LIMITS.places), where, width: side, height: side },
  advance: { job: name, index, fraction },
  place: { job: name, index, where, title: name, bytes, width: side, height: side, beyond, request },
  'place-vectors': {
    job: name,
    index,
    where,
    title: name,
    svg: text(CANVAS_LIMITS.vectors),
    layers: listOf(name, CANVAS_LIMITS.layers),
    bound: listOf(fileColour, CANVAS_LIMITS.colours),
    width: side,
    height: side,
    beyond,
    request,
  },
  release: { job: name },
  'read-colours': {},
  'read-labels': {},
  'read-image': { id: name },
  store: { key, value: stored },
  load: { key },
  notify: { text: text(2000) },
  resize: { width: whole(0, 10_000), height: whole(0, 10_000) },
};

const TO_PANEL: Shapes<ToPanel> = {
  hello: { editor: name, file: name, command: oneOf(COMMANDS), prompt: orNull(text(20_000)) },
  selection: { targets: listOf(target, CANVAS_LIMITS.nodes), total: whole(0, Number.MAX_SAFE_INTEGER) },
  placed: {
    job: name,
    index,
    mark: whole(0, Number.MAX_SAFE_INTEGER),
    names: listOf(name, CANVAS_LIMITS.nodes),
    hindered: listOf(shaped({ name, hindrance: oneOf(HINDRANCES) }), CANVAS_LIMITS.nodes),
  },
  standing: { mark: whole(0, Number.MAX_SAFE_INTEGER), names: listOf(name, CANVAS_LIMITS.nodes) },
  image: { id: name, bytes: orNull(bytes) },
  labels: { labels: listOf(shaped({ id: name, label: orNull(name) }), CANVAS_LIMITS.nodes) },
  colours: { colours: listOf(fileColour, CANVAS_LIMITS.colours) },
  refused: { job: name, index, reason: oneOf(REFUSALS) },
  stored: { key, value: stored },
  'not-stored': { key, reason: oneOf(REFUSALS) },
};

function read(shapes: { readonly [type: string]: Shape }, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const type = (value as { type?: unknown }).type;
  if (typeof type !== 'string' || !Object.keys(shapes).includes(type)) return false;
  return shaped({ type: () => true, ...shapes[type] })(value);
}

/** @returns the message, or null for anything that is not exactly one: unknown type, missing, extra or over-long field */
export function readToCanvas(value: unknown): ToCanvas | null {
  return read(TO_CANVAS, value) ? (value as ToCanvas) : null;
}

/** @returns the message, or null for anything that is not exactly one */
export function readToPanel(value: unknown): ToPanel | null {
  return read(TO_PANEL, value) ? (value as ToPanel) : null;
}

/** @returns what was dragged out of the panel, or null for anything else */
export function readDropped(json: string): Dropped | null {
  try {
    const value: unknown = JSON.parse(json);
    return shaped({ title: name, request, width: side, height: side, beyond })(value) ? (value as Dropped) : null;
  } catch {
    return null;
  }
}
