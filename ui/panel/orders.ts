/** Pictures that other programs send by way of the companion: an agent that was asked to place one in Figma. */
import type { PanelAnswer, PanelOrder } from '../../models/api.js';
import { upgradeRequest } from '../../models/request/upgrade.js';
import type { EngineOffer } from '../engines/offer.js';
import type { Canvas } from './canvas.js';
import type { Past } from './past.js';
import { unreadableWords } from './requests.js';
import type { State } from './state.js';
import type { Store } from './store.js';
import { blankTile, type Tiles } from './tiles.js';

/** Pauses, in milliseconds, before a stream that ended is asked for again, while its engine still counts as ready. */
const PAUSES = [1000, 5000, 30_000] as const;

/** @returns an end to it */
export function startOrders({
  offers,
  store: { get, subscribe },
  tiles,
  past,
  canvas,
}: {
  readonly offers: readonly EngineOffer[];
  readonly store: Store<State>;
  readonly tiles: Tiles;
  readonly past: Past;
  readonly canvas: Canvas;
}): () => void {
  const offer = offers.find(({ followOrders }) => followOrders);
  let listening: AbortController | null = null;

  const end = subscribe(follow);

  function follow(): void {
    const isReady = offer && get().findings[offer.id]?.state === 'ready';
    if (isReady && !listening) void listen(offer);
    else if (!isReady && listening) {
      listening.abort();
      listening = null;
    }
  }

  async function listen({ followOrders }: EngineOffer): Promise<void> {
    const mine = new AbortController();
    listening = mine;
    for (let attempt = 0; !mine.signal.aborted; attempt++) {
      const began = Date.now();
      try {
        await followOrders?.(carryOut, mine.signal);
      } catch (error) {
        // `fetch` fails with TypeError where nobody answers. One that refuses is older than this panel: all else works without orders.
        if (!(error instanceof TypeError)) return;
      }
      if (Date.now() - began > (PAUSES.at(-1) ?? 0)) attempt = 0;
      await pause(PAUSES[Math.min(attempt, PAUSES.length - 1)] ?? 0, mine.signal);
    }
  }

  async function carryOut(
    { id, request: raw, width, height, where }: PanelOrder,
    png: Uint8Array,
  ): Promise<PanelAnswer> {
    const read = upgradeRequest(raw);
    if (!read.ok) return { outcome: 'refused', reason: unreadableWords(read).detail };
    const tile = { ...blankTile(read.request, read.request.seeds[0] ?? 0, id), width, height };
    const isFree = get().run === null;
    // What is being generated stays in view; the picture is in the history and on the canvas all the same.
    if (isFree) tiles.begin([tile], { selected: id, screen: 'make' });
    const filled = isFree ? tiles.fill(tile, 'done', png) : { ...tile, state: 'done' as const, bytes: png };
    void past.add(filled);
    return canvas.placeAnswered(filled, where);
  }

  return () => {
    end();
    listening?.abort();
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, milliseconds);
    signal.addEventListener('abort', over);
  });
}
