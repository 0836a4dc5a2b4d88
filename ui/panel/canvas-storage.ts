/** Single values that the canvas keeps for us, asked for when they are needed. */
import type { Port } from './port.js';

export type CanvasStorage = {
  load(key: string): Promise<string | null>;
  save(key: string, value: string | null): void;
};

/** A canvas that does not answer keeps nothing. Milliseconds. */
const PATIENCE = 2000;

export function createCanvasStorage(port: Port): CanvasStorage {
  return {
    load: (key) =>
      new Promise((resolve) => {
        const end = port.listen((message) => {
          if (message.type === 'stored' && message.key === key) finish(message.value);
        });
        const timer = setTimeout(() => finish(null), PATIENCE);
        const finish = (value: string | null) => {
          clearTimeout(timer);
          end();
          resolve(value);
        };
        port.send({ type: 'load', key });
      }),
    save: (key, value) => port.send({ type: 'store', key, value }),
  };
}
