/** The top page of the replica: Figma itself, played by the stand-in, running the plugin's own code. */
import { startCanvas } from '../../plugin/canvas.js';
import type { Layer } from '../../ui/playground/stand-in/document.js';
import { createDocument } from '../../ui/playground/stand-in/document.js';
import { createStandIn } from '../../ui/playground/stand-in/host.js';

export type Figma = ReturnType<typeof openFigma>;

function openFigma(options: { readonly readOnly?: boolean; readonly stored?: Record<string, string> }) {
  const model = createDocument();
  const add = (layer: Partial<Layer>) => model.add({ type: 'RECTANGLE', fills: [], ...layer });
  const hero = add({ name: 'Hero', width: 400, height: 400 });
  const ids = {
    hero,
    banner: add({ name: 'Banner', x: 500, width: 640, height: 200 }),
    cards: ['Coast', 'Forest', 'Hills'].map((name, at) => add({ name, x: at * 200, y: 600 })),
    locked: add({ name: 'Logo', x: 900, y: 900, locked: true }),
  };
  model.select([hero]);
  model.commit();
  const frame = () => document.querySelector('iframe')?.contentWindow;
  const notices: string[] = [];
  const storage = new Map(Object.entries(options.stored ?? {}));
  const images = new Map<string, Uint8Array>();
  const start = (command = '') => {
    const standIn = createStandIn({
      document: model,
      storage,
      // They are the file's, and stay when the plugin's window is closed.
      images,
      ...(options.readOnly ? { readOnly: true } : {}),
      relaunch: ['regenerate', 'vary', 'copy-prompt'],
      onMessage(message) {
        // Figma ends the plugin's code with its window.
        if (standIn === running) frame()?.postMessage({ down: { pluginMessage: message } }, '*');
      },
      onNotify: (text) => notices.push(text),
    });
    startCanvas(standIn.host, 'panel');
    standIn.run({ command });
    return standIn;
  };
  let running: ReturnType<typeof createStandIn> | null = null;
  running = start();
  return {
    ids,
    model,
    storage,
    notices,
    /** What the panel says, handed on by the frame between. */
    take(data: unknown): void {
      const message = (data as { pluginMessage?: unknown } | null)?.pluginMessage;
      if (message !== undefined) running?.post(message);
    },
    /** The person closes the plugin's window. */
    close(): void {
      running?.close();
      running = null;
    },
    /** @param command of a button on a layer; by itself the plugin only opens */
    run(command?: string): void {
      running = start(command);
    },
    select: (...names: string[]) =>
      model.select([...model.layers().values()].filter(({ name }) => names.includes(name)).map(({ id }) => id)),
    layers: () => [...model.layers().values()].map(({ name, fills, data }) => ({ name, fills, data })),
  };
}

const settings = (window as unknown as { options?: Parameters<typeof openFigma>[0] }).options ?? {};
const figma = openFigma(settings);
Object.assign(window, { figma });
addEventListener('message', (event) => {
  const { up } = (event.data ?? {}) as { up?: unknown };
  if (event.source === document.querySelector('iframe')?.contentWindow && up !== undefined) figma.take(up);
});
