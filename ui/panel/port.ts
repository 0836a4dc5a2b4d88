/** The line to the canvas: Figma's sandbox, or the playground's. Nothing else in the panel posts messages. */
import { readToPanel, type ToCanvas, type ToPanel } from '../../plugin/messages.js';

export type Port = {
  send(message: ToCanvas): void;
  /** @returns an end to listening */
  listen(take: (message: ToPanel) => void): () => void;
  /** A drop that Figma performs on the canvas when the pointer leaves the panel with something. */
  drop(drop: {
    readonly x: number;
    readonly y: number;
    readonly file: File;
    readonly type: string;
    readonly data: string;
  }): void;
};

/**
 * Messages by way of the window around this one, as Figma does it. Only that window is heard: a frame beside us that
 * posts the same words is not.
 */
export function createPort(window: Window): Port {
  const { parent } = window;
  return {
    send(message) {
      parent.postMessage({ pluginMessage: message }, '*');
    },
    listen(take) {
      const hear = (event: MessageEvent) => {
        if (event.source !== parent) return;
        const message = readToPanel((event.data as { pluginMessage?: unknown } | null)?.pluginMessage);
        if (message) take(message);
      };
      window.addEventListener('message', hear);
      return () => window.removeEventListener('message', hear);
    },
    drop({ x, y, file, type, data }) {
      parent.postMessage({ pluginDrop: { clientX: x, clientY: y, items: [{ type, data }], files: [file] } }, '*');
    },
  };
}
