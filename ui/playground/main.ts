/**
 * The playground: the panel in an ordinary page, beside a canvas that is Figma for it. The plugin's own code runs here, on
 * the stand-in, so that both halves are those of Figma and only the document is ours.
 */
import { startCanvas } from '../../plugin/canvas.js';
import type { DropEvent } from '../../plugin/host.js';
import { listen } from './gestures.js';
import { type Keep, type KeptCanvas, keepSaving, openKeep } from './keep.js';
import { fillSample } from './sample.js';
import { createDocument } from './stand-in/document.js';
import { createStandIn } from './stand-in/host.js';
import { createLastingMap, openStorage } from './storage.js';
import { createTools } from './tools.js';
import { createView } from './view.js';
import { createPanelWindow } from './window.js';

const NOTICE_TIME = 3000;

type PluginDrop = {
  readonly clientX: number;
  readonly clientY: number;
  readonly items: DropEvent['items'];
  readonly files: readonly File[];
};

void openKeep(globalThis.indexedDB).then(async (keep) => {
  const before = await keep?.load().catch(() => null);
  start(keep, before ?? null);
});

/** @param before the canvas as it was left, or null for the sample */
function start(keep: Keep | null, before: KeptCanvas | null): void {
  const find = <Kind extends HTMLElement>(id: string) => document.getElementById(id) as Kind;
  const canvas = find('canvas');
  const panelWindow = find('window');
  const panel = find<HTMLIFrameElement>('panel');
  const notice = find('notice');

  // The canvas takes the keyboard like a field; it is no widget that HTML knows.
  canvas.tabIndex = 0;

  const model = createDocument();
  const images = new Map<string, Uint8Array>();
  const fileData = new Map<string, string>();
  if (before) {
    model.load(before.layers);
    for (const [hash, bytes] of before.images) images.set(hash, bytes);
    for (const [key, value] of before.root) fileData.set(key, value);
  } else fillSample(model);
  model.forgetPast();
  const urls = new Map<string, string>();
  const imageUrl = (hash: string) => {
    const known = urls.get(hash);
    if (known) return known;
    const bytes = standIn.images.get(hash) as Uint8Array<ArrayBuffer> | undefined;
    const url = URL.createObjectURL(new Blob(bytes ? [bytes] : [], { type: 'image/png' }));
    urls.set(hash, url);
    return url;
  };

  let hiding: ReturnType<typeof setTimeout> | undefined;
  const standIn = createStandIn({
    document: model,
    images,
    root: fileData,
    relaunch: ['regenerate', 'vary', 'copy-prompt'],
    storage: createLastingMap(openStorage(window)),
    center: () => view.toPage((innerWidth - panelWindow.offsetWidth) / 2, innerHeight / 2),
    onShow: (_, { width, height }) => frame.resize(width, height),
    onResize: (width, height) => frame.resize(width, height),
    onMessage: (message) => panel.contentWindow?.postMessage({ pluginMessage: message }, '*'),
    onNotify(text) {
      notice.textContent = text;
      clearTimeout(hiding);
      hiding = setTimeout(() => {
        notice.textContent = '';
      }, NOTICE_TIME);
    },
  });
  const view = createView(canvas, model, imageUrl);
  const frame = createPanelWindow(panelWindow, find('title'));

  addEventListener('message', (event) => {
    if (event.source !== panel.contentWindow || typeof event.data !== 'object' || event.data === null) return;
    const { pluginMessage, pluginDrop } = event.data as { pluginMessage?: unknown; pluginDrop?: PluginDrop };
    if (pluginMessage !== undefined) standIn.post(pluginMessage);
    if (pluginDrop) drop(pluginDrop);
  });

  /** Where something was let go on the canvas a moment ago: browsers disagree on what the frame that it came from is told. */
  let letGo: { readonly x: number; readonly y: number } | null = null;

  /** The panel tells where the pointer was in its own frame. */
  function drop({ clientX, clientY, items, files }: PluginDrop): void {
    const box = panel.getBoundingClientRect();
    const { x, y } = letGo ?? { x: clientX + box.left, y: clientY + box.top };
    letGo = null;
    const id = view.hit(document.elementFromPoint(x, y));
    const at = view.toPage(x, y);
    standIn.drop({
      node: id === null ? standIn.host.currentPage : standIn.node(id),
      absoluteX: at.x,
      absoluteY: at.y,
      items,
      files: files.map((file) => ({
        type: file.type,
        getBytesAsync: async () => new Uint8Array(await file.arrayBuffer()),
      })),
    });
  }

  // A picture on its way from the panel: the layer that would take it shows itself.
  canvas.addEventListener('dragenter', () => {
    letGo = null;
  });
  canvas.addEventListener('dragover', (event) => {
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
    view.mark(view.hit(event.target));
  });
  for (const end of ['dragleave', 'drop']) canvas.addEventListener(end, () => view.mark(null));
  // The panel tells of the drop; what else is dropped here shall not take the page's place.
  canvas.addEventListener('drop', (event) => {
    event.preventDefault();
    letGo = { x: event.clientX, y: event.clientY };
  });

  const room = () => ({ width: innerWidth - panelWindow.offsetWidth - 16, height: innerHeight });
  const fit = () => view.fit(room());
  const commands = { undo: () => void model.undo(), redo: () => void model.redo(), fit };
  const dress = (dark: boolean) => {
    // Figma puts these on the panel's root; a page opened from a file may not reach into its own frame.
    for (const root of [document.documentElement, panel.contentDocument?.documentElement])
      root?.setAttribute('class', dark ? 'figma-dark' : 'figma-light');
  };
  const isDark = () => document.documentElement.classList.contains('figma-dark');

  listen(canvas, model, view, commands);
  createTools(find('tools'), model, {
    ...commands,
    imageUrl,
    zoom: (factor) => view.zoom(factor, room().width / 2, room().height / 2),
    flipTheme: () => dress(!isDark()),
    startOver() {
      for (const id of model.layers().keys()) if (model.layers().has(id)) model.remove(id);
      model.select([fillSample(model)]);
      model.commit();
      fit();
    },
  });
  dress(matchMedia('(prefers-color-scheme: dark)').matches);
  panel.addEventListener('load', () => dress(isDark()));

  // The companion's code, when the address brings one, is the panel's affair; it goes on only once.
  panel.src = `panel.html${location.hash}`;
  history.replaceState(null, '', location.pathname);
  startCanvas(standIn.host, 'panel.html');
  standIn.run({ command: '' });
  model.select([...model.layers().values()].filter(({ name }) => name === 'Hero').map(({ id }) => id));
  fit();

  // What can't be kept is asked about.
  let isKept = keep !== null;
  const saveNow = keep
    ? keepSaving(
        keep,
        model,
        () => ({ root: [...fileData], images }),
        () => {
          isKept = false;
        },
      )
    : () => {};
  addEventListener('pagehide', saveNow);
  addEventListener('beforeunload', (event) => {
    saveNow();
    if (!isKept && model.canUndo()) event.preventDefault();
  });
}
