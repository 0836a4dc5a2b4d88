/**
 * Panels that are open and paired, and what is asked of them. A panel listens to a stream of orders and answers each of them once; the
 * one that connected last is asked, since that is the window in front of the person.
 */
import { randomBytes } from 'node:crypto';
import type { PanelAnswer, PanelOrder } from '../../models/api.js';

export type Panels = {
  /** Orders for a panel of this token, until its signal is aborted. */
  connect(owner: string, signal: AbortSignal): AsyncGenerator<PanelOrder>;
  /**
   * Has a picture placed.
   *
   * @returns what the panel said; null where none is connected
   */
  place(order: Omit<PanelOrder, 'type' | 'id'>, signal: AbortSignal): Promise<PanelAnswer | null>;
  /** @returns false where this token's panels were asked no such thing, or it was answered before */
  answer(owner: string, id: string, answer: PanelAnswer): boolean;
  readonly connected: number;
};

/** Milliseconds. Figma decodes a picture of 4096 x 4096 in some seconds, and a window in the background is slow. */
const PATIENCE = 30_000;

/** Panels at a time: a person has a few windows open, and each costs a connection. */
const MOST = 16;

type Panel = { readonly owner: string; readonly orders: PanelOrder[]; wake(): void };

export function createPanels(patience: number = PATIENCE): Panels {
  const panels: Panel[] = [];
  const asked = new Map<string, { readonly panel: Panel; settle(answer: PanelAnswer): void }>();

  function leave(panel: Panel): void {
    const index = panels.indexOf(panel);
    if (index >= 0) panels.splice(index, 1);
    for (const { panel: of, settle } of [...asked.values()])
      if (of === panel) settle({ outcome: 'refused', reason: 'The panel was closed meanwhile.' });
  }

  return {
    get connected() {
      return panels.length;
    },
    async *connect(owner, signal) {
      let wake = () => {};
      const panel: Panel = { owner, orders: [], wake: () => wake() };
      panels.push(panel);
      // The oldest hears nothing any more; its window asks again when it is used.
      if (panels.length > MOST) leave(panels[0] as Panel);
      const onAbort = () => wake();
      signal.addEventListener('abort', onAbort);
      try {
        while (!signal.aborted && panels.includes(panel)) {
          const order = panel.orders.shift();
          if (order) yield order;
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        signal.removeEventListener('abort', onAbort);
        leave(panel);
      }
    },
    async place(order, signal) {
      const panel = panels.at(-1);
      if (!panel) return null;
      const id = `order_${randomBytes(8).toString('hex')}`;
      return new Promise((resolve, reject) => {
        const end = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
          asked.delete(id);
        };
        const settle = (answer: PanelAnswer) => {
          end();
          resolve(answer);
        };
        const onAbort = () => {
          end();
          reject(signal.reason);
        };
        const silent = () =>
          settle({ outcome: 'refused', reason: `The panel did not answer within ${patience / 1000} s.` });
        const timer = setTimeout(silent, patience).unref();
        signal.addEventListener('abort', onAbort);
        asked.set(id, { panel, settle });
        panel.orders.push({ type: 'place', id, ...order });
        panel.wake();
      });
    },
    answer(owner, id, answer) {
      const found = asked.get(id);
      if (found?.panel.owner !== owner) return false;
      found.settle(answer);
      return true;
    },
  };
}
