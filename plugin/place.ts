/**
 * From PNG bytes to fills: placeholders where the pictures will be, then the pictures, each with its request.
 *
 * One undo takes back one picture. Figma undoes up to the last `commitUndo`, so the placeholders of the others must not be
 * in the document at that moment: they step aside for the length of the call and come back after it.
 */
import type { Binding } from './colours.js';
import { BACKGROUND_KEY, IMAGE_KEY, paintsFor, withPicture } from './fills.js';
import { homeOf, makeFrame, reveal } from './frame.js';
import type { CanvasNode, Host, NewNode, Rectangle } from './host.js';
import { CANVAS_LIMITS, type Hindrance, type Refusal, type ToCanvas } from './messages.js';
import { hide, type Placeholder, paint, show } from './placeholder.js';
import { quietly } from './quietly.js';
import { Refused, refusalOf } from './refused.js';
import { findSpace } from './space.js';
import type { Sign, Standing } from './standing.js';
import { hindranceOf, REQUEST_KEY } from './targets.js';
import { createVectors, type VectorsMessage } from './vectors.js';

/** Where one picture goes: into layers that are there, or into a frame that will be made. */
type Place = Placeholder & {
  readonly hindered: { readonly name: string; readonly hindrance: Hindrance }[];
  /** Of the pictures that were asked for together: whether one got a new frame. The first may move the view, the others leave it to the person. */
  readonly together: { framed: boolean };
};

type Reserve = Extract<ToCanvas, { type: 'reserve' }>;
type PlaceMessage = Extract<ToCanvas, { type: 'place' }>;
export type Answer =
  | { readonly type: 'placed'; readonly mark: number; readonly names: string[]; readonly hindered: Place['hindered'] }
  | { readonly type: 'refused'; readonly reason: Refusal };

export type Placing = {
  reserve(message: Reserve): void;
  advance(job: string, index: number, fraction: number): void;
  place(message: PlaceMessage): Answer;
  /** A picture that was dropped: onto a layer, or at a point of the page. */
  drop(picture: Omit<PlaceMessage, 'type' | 'job' | 'index' | 'where'>, node: CanvasNode, x: number, y: number): Answer;
  placeVectors(message: VectorsMessage, bindings: readonly Binding[]): Answer;
  release(job: string): void;
  releaseAll(): void;
};

type Done = {
  names: string[];
  hindered: Place['hindered'];
  signs: readonly Sign[];
  /** What belongs to the same step and takes Figma a moment. */
  rest?: Promise<unknown> | undefined;
};

export function createPlacing(host: Host, markFile: () => void, standing: Standing): Placing {
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
    const home = homeOf(host);
    const taken = waiting().reduce<Rectangle[]>(
      (boxes, { frame, home: { id } }) => (frame && id === home.id ? boxes.concat(frame) : boxes),
      [],
    );
    const places: Place[] = [];
    const together = { framed: false };
    for (let index = 0; index < pictures; index++) {
      // Layer j gets picture j modulo their number: one picture fills them all, as many as layers fill one each.
      const fill = surfaces.filter((_, at) => at % pictures === index);
      const frame = fill.length > 0 ? null : findSpace(host, home, { width, height }, selection, taken);
      if (frame) taken.push(frame);
      places.push({ fill, frame, home, hindered: [], together, fraction: 0, shown: null });
    }
    // The first picture that stands beside stands there for the layers that could not be filled.
    (places.find(({ frame }) => frame) ?? places[0])?.hindered.push(...hindered);
    return places;
  }

  function settle(place: Place, picture: Omit<PlaceMessage, 'type' | 'job' | 'index' | 'where'>): Answer {
    return asOneStep(place, () => {
      const hash = createImage(host, picture.bytes);
      const surfaces = place.fill.filter((node) => isSurface(node, place.hindered));
      const made = surfaces.length === 0 ? makeFor(place, picture) : null;
      for (const node of surfaces) node.fills = withPicture(node, paintsFor(node, picture, hash));
      if (made) {
        made.name = picture.title;
        made.fills = paintsFor(made, picture, hash);
        surfaces.push(made);
      }
      for (const node of surfaces) {
        node.setPluginData(REQUEST_KEY, picture.request);
        node.setPluginData(IMAGE_KEY, hash);
        node.setPluginData(BACKGROUND_KEY, picture.beyond === 'nothing' ? 'none' : '');
        quietly(() => (node as NewNode).setRelaunchData({ regenerate: '', vary: '', 'copy-prompt': '' }));
      }
      if (made && !place.together.framed) reveal(host, made);
      if (made) place.together.framed = true;
      const names = surfaces.slice(0, CANVAS_LIMITS.nodes).map(({ name }) => name.slice(0, CANVAS_LIMITS.name));
      const signs = surfaces.map(({ id }) => ({ id, key: IMAGE_KEY, value: hash }));
      return { names, hindered: made ? place.hindered : [], signs };
    });
  }

  /** In the place that was promised; in free space where none was, or where its page or slide is gone. */
  function makeFor({ home, frame, fill }: Place, { width, height }: { width: number; height: number }): NewNode {
    if (frame && !home.removed) return makeFrame(host, frame, home);
    const there = home.removed ? homeOf(host) : home;
    const near = fill.filter((node) => !node.removed);
    return makeFrame(host, findSpace(host, there, { width, height }, near, []), there);
  }

  /** Work that one undo takes back: what waits is not on the canvas meanwhile. */
  function asOneStep(place: Place | null, work: () => Done): Answer {
    const others = waiting().filter((other) => other !== place && other.shown);
    try {
      for (const other of others) hide(other);
      if (place) hide(place);
      const { names, hindered, signs, rest } = work();
      markFile();
      const commit = () => quietly(() => host.commitUndo());
      if (rest) void rest.then(commit, commit);
      else commit();
      return { type: 'placed', mark: standing.add(signs), names, hindered };
    } catch (error) {
      return { type: 'refused', reason: refusalOf(error) };
    } finally {
      for (const other of others) quietly(() => show(host, other));
    }
  }

  function release(job: string): void {
    const places = jobs.get(job) ?? [];
    for (const place of places) if (place) quietly(() => hide(place));
    jobs.delete(job);
    // The bar of a layer is one for all that wait for it, and went with this one's.
    if (places.some((place) => place)) for (const place of waiting()) quietly(() => paint(place));
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
    placeVectors: (message, bindings) => asOneStep(null, () => createVectors(host, message, bindings)),
    drop(picture, node, x, y) {
      const { width, height } = picture;
      const fill = hindranceOf(node) === null && node.type !== 'PAGE' ? [node] : [];
      const frame = { x: Math.round(x - width / 2), y: Math.round(y - height / 2), width, height };
      const home = homeOf(host);
      const place: Place = { fill, frame, home, hindered: [], together: { framed: false }, fraction: 0, shown: null };
      return settle(place, picture);
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

function createImage(host: Host, bytes: Uint8Array): string {
  try {
    return host.createImage(bytes).hash;
  } catch (error) {
    throw new Refused(/large|size|dimension/i.test(String(error)) ? 'too-large' : 'not-a-picture');
  }
}
