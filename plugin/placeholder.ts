/** What stands where a picture will be: a bar that grows across the surface, and leaves no trace when it goes. */
import { makeFrame } from './frame.js';
import type { CanvasNode, GradientPaint, Host, NewNode, Paint, Rectangle } from './host.js';
import { hindranceOf } from './targets.js';

export type Placeholder = {
  /** Layers that the picture will fill; without any that can be filled it gets the frame. */
  readonly fill: readonly CanvasNode[];
  readonly frame: Rectangle | null;
  /** The page or slide that was in view when the picture was asked for, where its frame stands whatever is in view later. */
  readonly home: CanvasNode;
  /** 0 to 1. */
  fraction: number;
  /** What is on the canvas for it now. */
  shown: { readonly fill: readonly CanvasNode[]; readonly made: NewNode | null } | null;
};

export function show(host: Host, place: Placeholder): void {
  const fill = place.fill.filter((node) => hindranceOf(node) === null);
  const standing = fill.length === 0 && !place.home.removed ? place.frame : null;
  place.shown = { fill, made: standing && makeFrame(host, standing, place.home) };
  paint(place);
}

export function hide(place: Placeholder): void {
  const { shown } = place;
  place.shown = null;
  if (!shown) return;
  if (shown.made && !shown.made.removed) shown.made.remove();
  for (const node of shown.fill) {
    const fills = fillsOf(node);
    const rest = withoutBar(fills ?? []);
    if (fills && rest.length < fills.length) node.fills = rest;
  }
}

export function paint({ shown, fraction }: Placeholder): void {
  if (!shown) return;
  if (shown.made && !shown.made.removed) {
    shown.made.fills = [barOf(fraction)];
    shown.made.name = `Twostep ${Math.round(fraction * 100)} %`;
  }
  for (const node of shown.fill) {
    const fills = fillsOf(node);
    if (fills) node.fills = withoutBar(fills).concat(barOf(fraction));
  }
}

/**
 * The fills as they are now, never as they were: the person may change them while we draw, and another run may show a bar there. Null where a bar could
 * not be taken off again by value: where parts of the layer differ, and where its fills are a style's.
 */
function fillsOf(node: CanvasNode): readonly Paint[] | null {
  return !node.removed && typeof node.fills === 'object' && !node.fillStyleId ? node.fills : null;
}

type Shade = GradientPaint['gradientStops'][number]['color'];
const DONE: Shade = { r: 0.05, g: 0.6, b: 1, a: 0.32 };
const OPEN: Shade = { r: 0.5, g: 0.5, b: 0.55, a: 0.16 };

/** Figma keeps the parts of a colour in 32 bits, a file of 8-bit colours in fewer. */
const ROUNDED = 0.004;

function barOf(fraction: number): GradientPaint {
  return {
    type: 'GRADIENT_LINEAR',
    gradientTransform: [
      [1, 0, 0],
      [0, 1, 0],
    ],
    gradientStops: [
      { position: 0, color: DONE },
      { position: fraction, color: DONE },
      { position: Math.min(1, fraction + 0.001), color: OPEN },
      { position: 1, color: OPEN },
    ],
  };
}

/** Known by its two colours, so that a bar is found whoever left it: this run, another, or one that was ended with the window. */
export function withoutBar(fills: readonly Paint[]): Paint[] {
  const isAs = (color: Shade, shade: Shade) =>
    (['r', 'g', 'b', 'a'] as const).every((part) => Math.abs(color[part] - shade[part]) < ROUNDED);
  const isBar = (fill: Paint) =>
    fill.type === 'GRADIENT_LINEAR' &&
    (fill as GradientPaint).gradientStops.every(({ color }) => isAs(color, DONE) || isAs(color, OPEN));
  return fills.filter((fill) => !isBar(fill));
}
