/** Pictures that the engine itself keeps, for the history: read when the person looks there, a page after the other. */
import type { EngineOffer } from '../engines/offer.js';
import type { Pictures } from './pictures.js';
import type { Entry, State } from './state.js';
import type { Store } from './store.js';

/** As many as the panel's own history holds. */
const MOST = 1000;
/** Small copies whose addresses are remembered: all that a search could bring into view. */
const SMALLS = MOST;

export function createKept({
  offers,
  store: { get, set },
  pictures,
}: {
  readonly offers: readonly EngineOffer[];
  readonly store: Store<State>;
  readonly pictures: Pictures;
}) {
  const smalls = new Map<string, Promise<string>>();
  let reading: AbortController | null = null;
  const memory = () =>
    offers.find(({ id, memory }) => memory !== undefined && get().findings[id]?.state === 'ready')?.memory ?? null;

  /** Reads the list anew; what was read before stays in view meanwhile. */
  async function read(): Promise<void> {
    const from = memory();
    reading?.abort();
    const mine = new AbortController();
    reading = mine;
    if (!from) return set({ kept: { state: 'failed', entries: [] } });
    set({ kept: { ...get().kept, state: 'reading' } });
    const entries: Entry[] = [];
    try {
      let next: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof from.list>> = await from.list(next, mine.signal);
        if (reading !== mine) return;
        for (const picture of page.pictures) entries.push({ ...picture, file: '', small: null, favourite: false });
        next = page.next;
        set({
          kept: {
            state: next === null || entries.length >= MOST ? 'read' : 'reading',
            entries: entries.slice(0, MOST),
          },
        });
      } while (next !== null && entries.length < MOST);
    } catch {
      if (reading === mine) set({ kept: { state: 'failed', entries } });
    }
  }

  /** @returns an address of the small copy; it fails where the engine has it no more */
  function small(id: string): Promise<string> {
    const known = smalls.get(id);
    if (known) return known;
    const from = memory();
    if (!from) return Promise.reject(new Error('nobody keeps it'));
    const asked = from.small(id, new AbortController().signal).then((blob) => pictures.address(blob));
    smalls.set(id, asked);
    asked.catch(() => smalls.delete(id));
    if (smalls.size > SMALLS) forgetOldest();
    return asked;
  }

  function forgetOldest(): void {
    const [oldest] = smalls;
    if (!oldest) return;
    smalls.delete(oldest[0]);
    void oldest[1].then(pictures.release, () => undefined);
  }

  return { read, small, isThere: () => memory() !== null };
}
