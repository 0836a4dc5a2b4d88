/** Figma for tests: the plugin's own code on the strict stand-in, with everything that it said kept. */
import { startCanvas } from '../../plugin/canvas.js';
import type { Rectangle } from '../../plugin/host.js';
import { readToPanel, type ToCanvas, type ToPanel } from '../../plugin/messages.js';
import { createDocument } from '../../ui/playground/stand-in/document.js';
import { createStandIn, type StandIn, type StandInOptions } from '../../ui/playground/stand-in/host.js';
import {
  createFakeHost,
  type FakeColours,
  type FakeDocument,
  type FakeHost,
  type FakeLayer,
} from './fake-figma-host.js';

export type FakeFigma = Omit<StandIn, 'host'> &
  FakeHost & {
    readonly document: FakeDocument;
    readonly notices: readonly string[];
    readonly sizes: readonly (readonly [number, number])[];
    /** How often the panel was opened. */
    shows(): number;
    /** What the plugin said to the panel, oldest first; every one is a message of the contract. */
    readonly said: readonly ToPanel[];
    last<Type extends ToPanel['type']>(type: Type): Extract<ToPanel, { type: Type }> | undefined;
    send(message: ToCanvas): void;
    layer(id: string): FakeLayer;
    /** Layers that carry a picture or were made by the plugin. */
    all(): FakeLayer[];
  };

/** @returns Figma with the plugin run by `command` and its panel ready */
export async function openPlugin(
  options: Partial<Omit<StandInOptions, 'document'>> & {
    readonly layers?: readonly Partial<FakeLayer>[];
    /** Of the view. */
    readonly bounds?: Rectangle;
    readonly selected?: readonly number[];
    readonly command?: string;
    readonly prompt?: string;
    readonly waitForPanel?: boolean;
    readonly colours?: FakeColours;
  } = {},
): Promise<FakeFigma> {
  const document: FakeDocument = createDocument();
  const ids = (options.layers ?? []).map((layer) => document.add(layer));
  document.select((options.selected ?? []).map((index) => ids[index] ?? ''));
  document.commit();
  const said: ToPanel[] = [];
  const notices: string[] = [];
  const sizes: [number, number][] = [];
  let shows = 0;
  const slide = { focused: options.focusedSlide };
  const standIn = createStandIn({
    relaunch: ['regenerate', 'vary', 'copy-prompt'],
    ...options,
    document,
    get focusedSlide() {
      return slide.focused as string;
    },
    onShow(html, { width, height }) {
      shows += 1;
      sizes.push([width, height]);
      if (html !== '<panel>') throw new Error(`the panel is "${html}"`);
    },
    onResize: (width, height) => sizes.push([width, height]),
    onNotify: (text) => notices.push(text),
    onMessage(message) {
      const known = readToPanel(message);
      if (!known) throw new Error(`not a message of the contract: ${JSON.stringify(message)}`);
      said.push(known);
    },
  });
  const fake = createFakeHost(standIn, document, { ...options, slide });
  startCanvas(fake.host, '<panel>');
  standIn.run({
    command: options.command ?? '',
    ...(options.prompt === undefined ? {} : { parameters: { prompt: options.prompt } }),
  });
  await settle();
  if (options.waitForPanel !== false) standIn.post({ type: 'ready' } satisfies ToCanvas);
  return {
    ...standIn,
    ...fake,
    document,
    notices,
    sizes,
    shows: () => shows,
    said,
    last: (type) => said.findLast((message) => message.type === type) as never,
    send: (message) => standIn.post(message),
    layer(id) {
      const layer = document.layers().get(id);
      if (!layer) throw new Error(`there is no layer ${id}`);
      return layer;
    },
    all: () => [...document.layers().values()],
  };
}

/** Lets promises that are settled be heard. */
export const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** The head of a PNG of this size; nobody here looks at its pixels. `mark` tells it from others. */
export function pngHead(width = 256, height = 256, mark = 0): Uint8Array {
  const bytes = new Uint8Array(40);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  view.setUint32(33, mark);
  return bytes;
}
