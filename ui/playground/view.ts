/** Draws the document into the page, and knows which part of it is in view. */
import type { GradientPaint, ImagePaint, Paint, SolidPaint } from '../../plugin/host.js';
import type { Colour } from '../../plugin/messages.js';
import { type Layer, type Layers, PAGE, type StandInDocument } from './stand-in/document.js';

/** Pixels of the screen for one of the page, and where the page's origin lies on the screen. */
export type Camera = { readonly x: number; readonly y: number; readonly zoom: number };

const ZOOM = { least: 0.05, most: 16 };

export type View = {
  camera(): Camera;
  move(right: number, down: number): void;
  /** Keeps the point of the screen where it is. */
  zoom(factor: number, x: number, y: number): void;
  fit(room: { width: number; height: number }): void;
  toPage(x: number, y: number): { x: number; y: number };
  /** The uppermost layer at a point of the screen, or null. */
  hit(target: EventTarget | null): string | null;
  /** Shows which layer would take what is dragged over it. */
  mark(id: string | null): void;
};

export function createView(root: HTMLElement, document: StandInDocument, imageUrl: (hash: string) => string): View {
  let camera: Camera = { x: 60, y: 80, zoom: 1 };
  const page = root.ownerDocument.createElement('div');
  page.className = 'page';
  root.append(page);
  const elements = new Map<string, HTMLElement>();

  const look = (next: Camera) => {
    camera = next;
    page.style.transform = `translate(${camera.x}px, ${camera.y}px) scale(${camera.zoom})`;
    root.style.setProperty('--line', `${1 / camera.zoom}px`);
    root.style.setProperty('--dot', `${20 * camera.zoom}px`);
    root.style.backgroundPosition = `${camera.x}px ${camera.y}px`;
  };
  const draw = () => {
    const selected = new Set(document.selection());
    for (const [id, element] of elements)
      if (!document.layers().has(id)) {
        element.remove();
        elements.delete(id);
      }
    for (const layer of document.layers().values()) {
      const known = elements.get(layer.id);
      const element = known ?? page.appendChild(makeElement(root.ownerDocument, layer));
      elements.set(layer.id, element);
      paint(element, layer, imageUrl);
      // What an SVG shows is drawn by its frame, and is moved with it.
      element.style.pointerEvents = isDrawn(document.layers(), layer.parent) ? 'none' : '';
      element.classList.toggle('selected', selected.has(layer.id));
    }
  };
  document.subscribe(draw);
  look(camera);
  draw();

  return {
    camera: () => camera,
    move: (right, down) => look({ ...camera, x: camera.x + right, y: camera.y + down }),
    zoom(factor, x, y) {
      const zoom = Math.min(ZOOM.most, Math.max(ZOOM.least, camera.zoom * factor));
      const scale = zoom / camera.zoom;
      look({ zoom, x: x - (x - camera.x) * scale, y: y - (y - camera.y) * scale });
    },
    fit({ width, height }) {
      const layers = [...document.layers().values()].filter(({ parent }) => parent === PAGE);
      if (layers.length === 0) return;
      const [left, top] = [Math.min(...layers.map(({ x }) => x)), Math.min(...layers.map(({ y }) => y))];
      const right = Math.max(...layers.map((layer) => layer.x + layer.width));
      const bottom = Math.max(...layers.map((layer) => layer.y + layer.height));
      const zoom = Math.min(
        1,
        Math.max(ZOOM.least, Math.min((width - 96) / (right - left), (height - 160) / (bottom - top))),
      );
      look({
        zoom,
        x: (width - (right - left) * zoom) / 2 - left * zoom,
        y: (height - (bottom - top) * zoom) / 2 - top * zoom,
      });
    },
    toPage: (x, y) => ({ x: (x - camera.x) / camera.zoom, y: (y - camera.y) / camera.zoom }),
    hit: (target) =>
      target instanceof Element ? (target.closest<HTMLElement>('[data-id]')?.dataset['id'] ?? null) : null,
    mark(id) {
      for (const [other, element] of elements) element.classList.toggle('marked', other === id);
    },
  };
}

/** Whether a layer, or one around it, shows an SVG. */
function isDrawn(layers: Layers, id: string): boolean {
  const layer = layers.get(id);
  return layer !== undefined && (layer.svg !== null || isDrawn(layers, layer.parent));
}

function makeElement(document: Document, layer: Layer): HTMLElement {
  const element = document.createElement('div');
  element.className = 'layer';
  element.dataset['id'] = layer.id;
  element.dataset['type'] = layer.type;
  return element;
}

function paint(element: HTMLElement, layer: Layer, imageUrl: (hash: string) => string): void {
  const { style } = element;
  style.left = `${layer.x}px`;
  style.top = `${layer.y}px`;
  style.width = `${layer.width}px`;
  style.height = `${layer.height}px`;
  style.borderRadius = layer.type === 'ELLIPSE' ? '50%' : `${layer.radius}px`;
  style.transform = layer.rotation === 0 ? '' : `rotate(${-layer.rotation}deg)`;
  element.dataset['name'] = layer.locked ? `${layer.name} (locked)` : layer.name;
  element.classList.toggle('top', layer.parent === PAGE);
  if (layer.type === 'TEXT') {
    element.textContent = layer.text;
    return;
  }
  const fills = Array.isArray(layer.fills) ? (layer.fills as readonly Paint[]) : [];
  // CSS lists the uppermost first.
  const backgrounds = [...fills].reverse().map((fill) => background(fill, imageUrl));
  const modes = [...fills].reverse().map((fill) => (fill as ImagePaint).scaleMode);
  // The plugin tiles a picture at the size at which the layer's shorter side holds it once.
  const sizes = modes.map((mode) => (mode === 'FIT' || mode === 'TILE' ? 'contain' : 'cover'));
  const repeats = modes.map((mode) => (mode === 'TILE' ? 'repeat' : 'no-repeat'));
  const positions = modes.map((mode) => (mode === 'TILE' ? '0 0' : 'center'));
  if (layer.svg) {
    backgrounds.unshift(`url("data:image/svg+xml,${encodeURIComponent(layer.svg)}")`);
    sizes.unshift('cover');
    repeats.unshift('no-repeat');
    positions.unshift('center');
  }
  const next = backgrounds.join(', ') || 'none';
  const shown = `${next} ${modes.join(' ')}`;
  if (element.dataset['fill'] === shown) return;
  element.dataset['fill'] = shown;
  style.backgroundImage = next;
  style.backgroundSize = sizes.join(', ');
  style.backgroundRepeat = repeats.join(', ');
  style.backgroundPosition = positions.join(', ');
}

function background(fill: Paint, imageUrl: (hash: string) => string): string {
  switch (fill.type) {
    case 'IMAGE':
      return `url("${imageUrl((fill as ImagePaint).imageHash)}")`;
    case 'GRADIENT_LINEAR': {
      const stops = (fill as GradientPaint).gradientStops.map(({ position, color: { r, g, b, a } }) => {
        return `${rgba({ r, g, b }, a)} ${position * 100}%`;
      });
      return `linear-gradient(90deg, ${stops.join(', ')})`;
    }
    default: {
      const colour = rgba((fill as SolidPaint).color, 1);
      return `linear-gradient(${colour}, ${colour})`;
    }
  }
}

function rgba(colour: Colour, alpha: number): string {
  const [red, green, blue] = [colour.r, colour.g, colour.b].map((part) => Math.round(part * 255));
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}
