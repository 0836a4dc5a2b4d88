/** The bar over the canvas: undo, zoom, light and dark, and the way out for a picture. */
import type { ImagePaint } from '../../plugin/host.js';
import type { Commands } from './gestures.js';
import type { StandInDocument } from './stand-in/document.js';

export type Tools = Commands & {
  readonly zoom: (factor: number) => void;
  readonly flipTheme: () => void;
  readonly imageUrl: (hash: string) => string;
};

export function createTools(root: HTMLElement, document: StandInDocument, tools: Tools): void {
  const button = (label: string, sign: string, run: () => void) => {
    const element = root.ownerDocument.createElement('button');
    element.type = 'button';
    element.textContent = sign;
    element.title = label;
    element.setAttribute('aria-label', label);
    element.addEventListener('click', run);
    root.append(element);
    return element;
  };
  button('Undo', '↶', tools.undo);
  button('Redo', '↷', tools.redo);
  button('Zoom out', '−', () => tools.zoom(1 / 1.25));
  button('Zoom in', '+', () => tools.zoom(1.25));
  button('Show everything', '⤢', tools.fit);
  button('Light or dark', '◐', tools.flipTheme);

  // A link that can be clicked, and dragged out of the window as a file.
  const save = root.ownerDocument.createElement('a');
  save.className = 'save';
  save.textContent = 'PNG';
  root.append(save);
  const update = () => {
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
