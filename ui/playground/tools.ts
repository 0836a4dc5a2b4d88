/** The bar over the canvas: undo, zoom, light and dark, and the way out for a picture. */
import type { ImagePaint } from '../../plugin/host.js';
import type { Commands } from './gestures.js';
import type { StandInDocument } from './stand-in/document.js';

export type Tools = Commands & {
  readonly zoom: (factor: number) => void;
  readonly flipTheme: () => void;
  /** The sample again; undo brings back what was there. */
  readonly startOver: () => void;
  readonly imageUrl: (hash: string) => string;
};

/** On a grid of 16 pixels, with the line of the panel's icons. */
const ICONS = {
  undo: 'M6 4 3 7l3 3M3 7h6.500a3.500 3.500 0 0 1 0 7H7',
  redo: 'm10 4 3 3-3 3M13 7H6.500a3.500 3.500 0 0 0 0 7H9',
  less: 'M4 8h8',
  more: 'M8 4v8M4 8h8',
  fit: 'M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3',
  over: 'M13 8a5 5 0 1 1-1.600-3.700M13 2.500v2.750h-2.750',
  theme: 'M8 2.500a5.500 5.500 0 1 0 0 11zM8 2.500a5.500 5.500 0 0 1 0 11',
  save: 'M8 2.500v7.500M5 7.250l3 3 3-3M3 13.250h10',
};

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);
const keys = (key: string) => (isApple ? `⌘${key}` : `Ctrl+${key}`);

export function createTools(root: HTMLElement, document: StandInDocument, tools: Tools): void {
  const page = root.ownerDocument;
  const icon = (name: keyof typeof ICONS) => {
    const svg = page.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', '0 0 16 16');
    svg.setAttribute('aria-hidden', 'true');
    const path = page.createElementNS(svg.namespaceURI, 'path');
    path.setAttribute('d', ICONS[name]);
    svg.append(path);
    return svg;
  };
  const button = (label: string, sign: keyof typeof ICONS, run: () => void) => {
    const element = page.createElement('button');
    element.type = 'button';
    element.title = label;
    element.setAttribute('aria-label', label);
    element.addEventListener('click', run);
    element.append(icon(sign));
    root.append(element);
    return element;
  };
  const undo = button(`Undo (${keys('Z')})`, 'undo', tools.undo);
  const redo = button(`Redo (${keys(isApple ? '⇧Z' : 'Y')})`, 'redo', tools.redo);
  button('Zoom out', 'less', () => tools.zoom(1 / 1.25));
  button('Zoom in', 'more', () => tools.zoom(1.25));
  button('Show everything (Shift+1)', 'fit', tools.fit);
  button('Light or dark', 'theme', tools.flipTheme);
  button('Start over with the sample', 'over', tools.startOver);

  // A link that can be clicked, and dragged out of the window as a file.
  const save = page.createElement('a');
  save.className = 'save';
  save.append(icon('save'), 'PNG');
  root.append(save);
  const update = () => {
    undo.disabled = !document.canUndo();
    redo.disabled = !document.canRedo();
    const picture = pictureOf(document);
    save.hidden = picture === null;
    if (!picture) return;
    save.href = tools.imageUrl(picture.hash);
    save.download = `${picture.name}.png`;
    save.title = `Save “${picture.name}”, or drag it out of the window`;
  };
  save.addEventListener('dragstart', (event) => {
    const picture = pictureOf(document);
    if (picture) event.dataTransfer?.setData('DownloadURL', `image/png:${picture.name}.png:${save.href}`);
  });
  document.subscribe(update);
  update();
}

/** The uppermost picture of the one layer that is selected. */
function pictureOf(document: StandInDocument): { readonly hash: string; readonly name: string } | null {
  const [id, ...others] = document.selection();
  const layer = id === undefined ? undefined : document.layers().get(id);
  if (!layer || others.length > 0 || !Array.isArray(layer.fills)) return null;
  const fill = layer.fills.findLast(({ type }) => type === 'IMAGE') as ImagePaint | undefined;
  if (!fill) return null;
  return { hash: fill.imageHash, name: layer.name.replace(/[^\p{L}\p{N} ._-]+/gu, '').trim() || 'picture' };
}
