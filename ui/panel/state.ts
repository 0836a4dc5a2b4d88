/** Everything that the panel shows, as one value. It is replaced, never changed. */
import * as z from 'zod/mini';
import { GenerateRequest, type Phase } from '../../models/protocol.js';
import type { UnreadableRequest } from '../../models/request/upgrade.js';
import { integer, list, text } from '../../models/schema.js';
import {
  type Beyond,
  CANVAS_LIMITS,
  type FileColour,
  type Label,
  type Target,
  type Where,
} from '../../plugin/messages.js';
import type { EngineId, Finding, Quality } from '../engines/offer.js';

/** Prompts that the up key brings back. */
const RECENT_PROMPTS = 50;

const ENGINE = z.enum(['companion', 'page', 'panel']);

/** What is kept on this machine. Unknown or damaged parts fall back one by one. */
export const Settings = z.object({
  engine: z.catch(z.nullable(ENGINE), null),
  /** Whether a quicker engine may be taken instead of it. */
  fastest: z.catch(z.boolean(), true),
  /** Milliseconds of a trial (ui/engines/choose.ts), by engine, device and model. */
  trials: z.catch(z.record(z.string(), z.number().check(z.positive())), {}),
  model: z.catch(z.nullable(text(0, 200)), null),
  count: z.catch(integer(1, 4), 4),
  quality: z.catch(z.enum(['draft', 'standard', 'fine']), 'standard'),
  where: z.catch(z.enum(['selection', 'beside']), 'selection'),
  straight: z.catch(z.boolean(), false),
  asYouType: z.catch(z.boolean(), false),
  /** Whether each of several layers has words of its own. */
  layerWords: z.catch(z.boolean(), false),
  /** Which colours flat images get. */
  colours: z.catch(z.enum(['drawn', 'file', 'palette']), 'drawn'),
  /** The person's own, as typed. */
  palette: z.catch(text(0, 1000), ''),
  /** Whether even backgrounds are taken away. */
  transparent: z.catch(z.boolean(), false),
  /** Models on other servers of which the person has seen where the prompt goes. */
  agreed: z.catch(list(text(0, 200), 0, 100), []),
  /** What was kept the same last. */
  plan: z.catch(GenerateRequest.shape.plan, {}),
  recent: z.catch(list(text(0, 2000), 0, RECENT_PROMPTS), []),
  /** Milliseconds a picture, by engine, model and quality. */
  speeds: z.catch(z.record(z.string(), z.number().check(z.positive())), {}),
  /** What was being drawn when the panel was closed. */
  unfinished: z.catch(z.nullable(z.object({ job: text(0, 60), engine: ENGINE, request: z.unknown() })), null),
});
export type Unfinished = NonNullable<Settings['unfinished']>;
export type Settings = z.infer<typeof Settings>;

export const speedKey = (engine: EngineId, model: string, quality: Quality) => `${engine} ${model} ${quality}`;

export const remember = (recent: readonly string[], prompt: string) =>
  [prompt.slice(0, 2000), ...recent.filter((other) => other !== prompt.slice(0, 2000))].slice(0, RECENT_PROMPTS);

/** A place in the results. */
export type Tile = {
  readonly key: string;
  readonly seed: number;
  /** As it would draw this picture alone. */
  readonly request: GenerateRequest;
  readonly state: 'waiting' | 'draft' | 'done' | 'faded';
  /** Of the draft, the picture, or the small picture of the history. */
  readonly url: string | null;
  /** The PNG as it came, or null. */
  readonly bytes: Uint8Array | null;
  readonly width: number;
  readonly height: number;
  readonly favourite: boolean;
  /** What was understood of its prompt. */
  readonly remark?: string;
  /** Names of layers that carry it. */
  readonly placed: readonly string[];
  /** How it goes on beyond its edges, or null where it can't; not there before it was looked at. */
  readonly beyond?: Beyond | null;
  /** As layers with outlines; not there before somebody asks. */
  readonly tracing?: Tracing;
};

/** What a picture's tracing came to. */
export type Tracing =
  | { readonly state: 'working' }
  | { readonly state: 'failed' }
  | {
      readonly state: 'done';
      readonly svg: string;
      /** Names, in the order in which they are painted. */
      readonly layers: readonly string[];
      readonly suits: boolean;
      /** How much it keeps, or why it does not suit. */
      readonly words: string;
    };

/** Images of a run before the one in front. */
export type Batch = { readonly id: string; readonly tiles: readonly Tile[] };

export type Run = {
  readonly job: string;
  readonly phase: Phase;
  readonly fraction: number;
  /** Milliseconds, or null while nothing is known. */
  readonly remaining: number | null;
  readonly stopping: boolean;
};

/** What is known of an engine, also while it is looked for. */
export type Standing = Finding | { readonly state: 'looking'; readonly before: Finding };

/** The cause of a notice. It goes once its cause is gone: an engine is ready, the prompt or the selection is another. */
export type Cause = EngineId | 'engines' | 'prompt' | 'selection';

export type Notice = {
  readonly about?: Cause;
  readonly tone: 'calm' | 'warn' | 'bad';
  readonly title: string;
  readonly detail: string;
  readonly action?: { readonly label: string; readonly run: () => void };
};

export const isAboutEngines = ({ about }: Notice): boolean =>
  about !== undefined && about !== 'prompt' && about !== 'selection';

export type Entry = {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly file: string;
  /** Null where it can't be read: then `unreadable` has it as it came. */
  readonly request: GenerateRequest | null;
  readonly unreadable?: UnreadableRequest;
  /** A small picture as a data: address, or null where the engine that keeps the picture has it. */
  readonly small: string | null;
  readonly favourite: boolean;
};

export type State = {
  readonly screen: 'make' | 'history' | 'engines' | 'settings';
  readonly file: string;
  readonly targets: readonly Target[];
  /** Selected layers, also those that are not among the targets. */
  readonly total: number;
  readonly settings: Settings;
  /** What the selected layers are about, where that was asked. */
  readonly labels: readonly Label[];
  /** Colour styles and variables of the file. */
  readonly fileColours: readonly FileColour[];
  readonly findings: { readonly [engine in EngineId]?: Standing };
  readonly prompt: string;
  readonly seed: number;
  readonly seedLocked: boolean;
  /** What is kept the same in the next images. Values that the model does not know stay here, and are not asked for. */
  readonly plan: GenerateRequest['plan'];
  /** How many pictures the next prompt draws, where that is not as many as usual. */
  readonly once: number | null;
  /** The run in front: the one under way, or the last one. */
  readonly tiles: readonly Tile[];
  /** Runs before it, newest first. */
  readonly earlier: readonly Batch[];
  /** Among all of them. */
  readonly selected: string | null;
  /** The image that is shown large. */
  readonly preview: string | null;
  /** In a narrow panel quality and seed are folded away. */
  readonly optionsOpen: boolean;
  readonly run: Run | null;
  /** Milliseconds that the last run took. */
  readonly took: number | null;
  readonly notice: Notice | null;
  /** What was taken away last, and the way back. A notice of its own: it hides no failure. */
  readonly removal: Notice | null;
  readonly history: readonly Entry[];
  /** What the engine keeps of the past. */
  readonly kept: { readonly state: 'unread' | 'reading' | 'read' | 'failed'; readonly entries: readonly Entry[] };
  /** Grows when the words in the field wait to be changed. */
  readonly wording: number;
  /** Said to screen readers. */
  readonly announcement: string;
};

export const INITIAL: State = {
  screen: 'make',
  file: '',
  targets: [],
  total: 0,
  settings: Settings.parse({}),
  labels: [],
  fileColours: [],
  findings: {},
  prompt: '',
  seed: 0,
  seedLocked: false,
  plan: {},
  once: null,
  tiles: [],
  earlier: [],
  selected: null,
  preview: null,
  optionsOpen: false,
  run: null,
  took: null,
  notice: null,
  removal: null,
  history: [],
  kept: { state: 'unread', entries: [] },
  wording: 0,
  announcement: '',
};

/** Where the next pictures would go: layers that can be filled, unless new frames are wanted. */
export function placeOf(state: State): {
  readonly where: Where;
  readonly name: string | null;
  readonly layers: number;
} {
  const open = state.targets.filter(({ hindrance }) => hindrance === null);
  if (state.settings.where === 'beside' || state.targets.length === 0)
    return { where: 'beside', name: null, layers: 0 };
  // Layers that can't be filled are still meant: the canvas says why and puts the picture beside them.
  if (open.length === 0) return { where: 'selection', name: null, layers: 0 };
  const layers = open.length === state.targets.length ? state.total : open.length;
  return { where: 'selection', name: layers === 1 ? (open[0]?.name ?? null) : null, layers };
}

/** Several images for several layers are meant one for each. */
export const isOneEach = (state: State): boolean =>
  placeOf(state).layers > 1 && runOf(state, state.selected).length > 1;

/** How many pictures the next prompt draws. Several layers get one each. */
export function countOf(state: State): number {
  const { layers } = placeOf(state);
  return layers > 1 ? Math.min(layers, 4) : (state.once ?? state.settings.count);
}

/** The run in which an image is: the one in front, unless the image is in an earlier one. */
export const runOf = ({ tiles, earlier }: State, key: string | null): readonly Tile[] =>
  earlier.find((batch) => batch.tiles.some((tile) => tile.key === key))?.tiles ?? tiles;

/** Images of the selected one's run that are nowhere on the canvas yet. */
export const unplacedOf = (state: State): readonly Tile[] =>
  runOf(state, state.selected).filter(({ state, placed }) => state === 'done' && placed.length === 0);

/** Pixels for each of a layer's, so that an image is sharp on a dense screen and when the canvas is enlarged; and the longest side that is asked for. */
const DENSITY = 2;
const LONGEST = 2048;

/**
 * Pixels of a picture for the selection: its aspect, with the shorter side as the model draws it, so that a picture that is continued keeps its size. A flat picture
 * is drawn from its layers when it is larger, so it gets twice the pixels of the layer.
 */
export function sizeFor(
  state: State,
  { side, isFlat = false }: { readonly side: number; readonly isFlat?: boolean | undefined },
): { readonly width: number; readonly height: number } {
  // A layer that can't be filled has no say: the picture gets a frame of its own.
  const target = state.targets.find(({ hindrance }) => hindrance === null);
  if (!target) return { width: side, height: side };
  const own = side / Math.min(target.width, target.height);
  const dense = Math.min(DENSITY, LONGEST / Math.max(target.width, target.height));
  const scale = isFlat ? Math.max(own, dense) : own;
  // More than Figma takes is no picture; the layer crops the rest.
  const fit = (length: number) => Math.min(CANVAS_LIMITS.side, Math.round(length * scale));
  return { width: fit(target.width), height: fit(target.height) };
}
