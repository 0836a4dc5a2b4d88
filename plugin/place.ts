/**
 * From PNG bytes to fills: placeholders where the pictures will be, then the pictures, each with its request.
 *
 * One undo takes back one picture. Figma undoes up to the last `commitUndo`, so the placeholders of the others must not be
 * in the document at that moment: they step aside for the length of the call and come back after it.
 */
import type { CanvasNode, GradientPaint, Host, ImagePaint, NewNode, Paint, Rectangle, SolidPaint } from './host.js';
import type { Hindrance, Refusal, ToCanvas } from './messages.js';
import { quietly } from './quietly.js';
import { Refused, refusalOf } from './refused.js';
import { findSpace } from './space.js';
import { hindranceOf, REQUEST_KEY } from './targets.js';
import { createVectors, type VectorsMessage } from './vectors.js';

/** Where one picture goes: into layers that are there, or into a frame that will be made. */
type Place = {
  fill: CanvasNode[];
  readonly frame: Rectangle | null;
  hindered: { readonly name: string; readonly hindrance: Hindrance }[];
  fraction: number;
  /** What is on the canvas for it now. */
  shown: { readonly before: [CanvasNode, readonly Paint[] | symbol][]; readonly made: NewNode | null } | null;
};

type Reserve = Extract<ToCanvas, { type: 'reserve' }>;
type PlaceMessage = Extract<ToCanvas, { type: 'place' }>;
export type Answer =
  | { readonly type: 'placed'; readonly names: string[]; readonly hindered: Place['hindered'] }
  | { readonly type: 'refused'; readonly reason: Refusal };

export type Placing = {
  reserve(message: Reserve): void;
  advance(job: string, index: number, fraction: number): void;
  place(message: PlaceMessage): Answer;
  /** A picture that was dropped: onto a layer, or at a point of the page. */
  drop(picture: Omit<PlaceMessage, 'type' | 'job' | 'index' | 'where'>, node: CanvasNode, x: number, y: number): Answer;
  placeVectors(message: VectorsMessage): Answer;
  release(job: string): void;
  releaseAll(): void;
};

export function createPlacing(host: Host, markFile: () => void): Placing {
  const jobs = new Map<string, (Place | null)[]>();
  const waiting = () => {
    const places: Place[] = [];
    for (const job of Array.from(jobs.values())) for (const place of job) if (place) places.push(place);
    return places;
  };

  function choose(pictures: number, where: Reserve['where'], width: number, height: number): Place[] {
    const selection = host.currentPage.selection;
    const hindered: Place['hindered'] = [];
    const surfaces = where === 'beside' ? [] : selection.filter((node) => isSurface(node, hindered));
    const taken = waiting().reduce<Rectangle[]>((boxes, { frame }) => (frame ? boxes.concat(frame) : boxes), []);
    const places: Place[] = [];
    for (let index = 0; index < pictures; index++) {
      // Layer j gets picture j modulo their number: one picture fills them all, as many as layers fill one each.
      const fill = surfaces.filter((_, at) => at % pictures === index);
      const frame = fill.length > 0 ? null : findSpace(host, { width, height }, selection, taken);
      if (frame) taken.push(frame);
      places.push({ fill, frame, hindered: index === 0 ? hindered : [], fraction: 0, shown: null });
    }
    return places;
  }

  function settle(place: Place, picture: Omit<PlaceMessage, 'type' | 'job' | 'index' | 'where'>): Answer {
    return asOneStep(place, () => {
      const hash = createImage(host, picture.bytes);
      const surfaces = place.fill.filter((node) => isSurface(node, place.hindered));
      if (surfaces.length === 0) {
        const size = { width: picture.width, height: picture.height };
        const frame =
          place.frame ??
          findSpace(
            host,
            size,
            place.fill.filter((node) => !node.removed),
            [],
          );
        const made = makeFrame(host, frame);
        made.name = picture.title;
        made.fills = paintsFor(made, picture, hash);
        surfaces.push(made);
      } else for (const node of surfaces) node.fills = withoutPicture(node).concat(paintsFor(node, picture, hash));
      for (const node of surfaces) {
        node.setPluginData(REQUEST_KEY, picture.request);
        node.setPluginData('image', hash);
        quietly(() => (node as NewNode).setRelaunchData({ regenerate: '', vary: '', 'copy-prompt': '' }));
      }
      return { names: surfaces.map(({ name }) => name), hindered: place.hindered };
    });
  }

  /** Work that one undo takes back: what waits is not on the canvas meanwhile. */
  function asOneStep(place: Place | null, work: () => { names: string[]; hindered: Place['hindered'] }): Answer {
    const others = waiting().filter((other) => other !== place && other.shown);
    try {
      for (const other of others) hide(other);
      if (place) hide(place);
      const done = work();
      markFile();
      quietly(() => host.commitUndo());
      return { type: 'placed', ...done };
    } catch (error) {
      return { type: 'refused', reason: refusalOf(error) };
    } finally {
      for (const other of others) show(host, other);
    }
  }

  function release(job: string): void {
    for (const place of jobs.get(job) ?? []) if (place) quietly(() => hide(place));
    jobs.delete(job);
  }

  return {
    reserve({ job, pictures, where, width, height }) {
      release(job);
      const places = choose(pictures, where, width, height);
      jobs.set(job, places);
      for (const place of places) quietly(() => show(host, place));
    },
    advance(job, index, fraction) {
      const place = (jobs.get(job) ?? [])[index];
      if (!place) return;
      place.fraction = fraction;
      quietly(() => paint(place));
    },
    place(message) {
      const job = jobs.get(message.job);
      const place = job?.[message.index] ?? choose(1, message.where, message.width, message.height)[0]!;
      const answer = settle(place, message);
      if (job) job[message.index] = null;
      return answer;
    },
    placeVectors: (message) => asOneStep(null, () => createVectors(host, message)),
    drop(picture, node, x, y) {
      const { width, height } = picture;
      const fill = hindranceOf(node) === null && node.type !== 'PAGE' ? [node] : [];
      const frame = { x: Math.round(x - width / 2), y: Math.round(y - height / 2), width, height };
      return settle({ fill, frame, hindered: [], fraction: 0, shown: null }, picture);
    },
    release,
    releaseAll() {
      for (const job of Array.from(jobs.keys())) release(job);
    },
  };
}

function isSurface(node: CanvasNode, hindered: Place['hindered']): boolean {
  const hindrance = hindranceOf(node);
  if (!hindrance) return true;
  const name = hindrance === 'deleted' ? '' : node.name.slice(0, 100);
  if (hindered.length < 50) hindered.push({ name, hindrance });
  return false;
}

/** A layer whose sides are so nearly the picture's (as a ratio) loses nothing that anybody sees. */
const SAME_SHAPE = 1.02;

/** The picture over the whole layer, cropped; or all of it, and where it does not reach its ground, or the picture again. */
function paintsFor(
  { width = 1, height = 1 }: CanvasNode,
  picture: Pick<PlaceMessage, 'width' | 'height' | 'beyond'>,
  imageHash: string,
): Paint[] {
  const shape = (width * picture.height) / (height * picture.width);
  if (!picture.beyond || Math.max(shape, 1 / shape) < SAME_SHAPE)
    return [{ type: 'IMAGE', scaleMode: 'FILL', imageHash } as ImagePaint];
  if (picture.beyond === 'again') {
    const scalingFactor = Math.min(width / picture.width, height / picture.height);
    return [{ type: 'IMAGE', scaleMode: 'TILE', scalingFactor, imageHash } as ImagePaint];
  }
  const ground: SolidPaint = { type: 'SOLID', color: picture.beyond };
  return [ground, { type: 'IMAGE', scaleMode: 'FIT', imageHash } as ImagePaint];
}

/** Fills that were there stay below the picture, so that deleting the picture brings them back; our picture of before goes, and its ground. */
function withoutPicture(node: CanvasNode): Paint[] {
  const { fills } = node;
  const before = typeof fills === 'object' ? fills : [];
  const ours = node.getPluginData('image');
  const isOurs = (fill: Paint | undefined) => fill?.type === 'IMAGE' && (fill as ImagePaint).imageHash === ours;
  const isGround = (at: number) =>
    before[at]?.type === 'SOLID' && isOurs(before[at + 1]) && (before[at + 1] as ImagePaint).scaleMode === 'FIT';
  return before.filter((fill, at) => !isOurs(fill) && !isGround(at));
}

/** What carries a picture that fills no layer: a frame, or a rectangle where the editor has no frames for plugins (FigJam). */
function makeFrame(host: Host, at: Rectangle): NewNode {
  const frame = () => host.createFrame();
  const rectangle = () => host.createRectangle();
  const node = firstOf(host.editorType === 'figjam' ? [rectangle, frame] : [frame, rectangle]);
  node.resize(at.width, at.height);
  node.x = at.x;
  node.y = at.y;
  return node;
}

/** @throws what the last one throws, when none can be done here */
function firstOf(ways: readonly (() => NewNode)[]): NewNode {
  let failure: unknown;
  for (const make of ways)
    try {
      return make();
    } catch (error) {
      failure = error;
    }
  throw failure;
}

function show(host: Host, place: Place): void {
  const fill = place.fill.filter((node) => hindranceOf(node) === null);
  const made = fill.length === 0 && place.frame ? makeFrame(host, place.frame) : null;
  place.shown = { before: fill.map((node): [CanvasNode, readonly Paint[] | symbol] => [node, node.fills ?? []]), made };
  paint(place);
}

function hide(place: Place): void {
  const { shown } = place;
  place.shown = null;
  if (!shown) return;
  if (shown.made && !shown.made.removed) shown.made.remove();
  // Where parts of a layer differed, their fills can't be put back by value; those layers were never painted over.
  for (const [node, fills] of shown.before) if (!node.removed && typeof fills === 'object') node.fills = fills;
}

/** The placeholder: a bar that grows across the surface. */
function paint({ shown, fraction }: Place): void {
  if (!shown) return;
  const done = { r: 0.05, g: 0.6, b: 1, a: 0.32 };
  const open = { r: 0.5, g: 0.5, b: 0.55, a: 0.16 };
  const bar: GradientPaint = {
    type: 'GRADIENT_LINEAR',
    gradientTransform: [
      [1, 0, 0],
      [0, 1, 0],
    ],
    gradientStops: [
      { position: 0, color: done },
      { position: fraction, color: done },
      { position: Math.min(1, fraction + 0.001), color: open },
      { position: 1, color: open },
    ],
  };
  if (shown.made && !shown.made.removed) {
    shown.made.fills = [bar];
    shown.made.name = `Twostep ${Math.round(fraction * 100)} %`;
  }
  for (const [node, fills] of shown.before)
    if (!node.removed && typeof fills === 'object') node.fills = fills.concat(bar);
}

function createImage(host: Host, bytes: Uint8Array): string {
  try {
    return host.createImage(bytes).hash;
  } catch (error) {
    throw new Refused(/large|size|dimension/i.test(String(error)) ? 'too-large' : 'not-a-picture');
  }
}
