/** As you type: a draft that follows the words, from noise that stays. Latest wins, and nothing queues up. */
import { faultOf } from '../../models/wildcards.js';
import type { Choice } from './choice.js';
import { draw } from './draw.js';
import { requestFor } from './requests.js';
import type { State } from './state.js';
import type { Store } from './store.js';
import { blankTile, type Tiles } from './tiles.js';

/** A pause in typing after which a draft is worth it. Milliseconds. */
const TYPING_PAUSE = 150;

/** The one tile that is a draft of what is being written. */
export const LIVE = 'live';

export function createLive({
  store: { get, set },
  choice,
  tiles,
}: {
  readonly store: Store<State>;
  readonly choice: Choice;
  readonly tiles: Tiles;
}) {
  let under: { readonly cancel: AbortController; readonly ended: Promise<void> } | null = null;
  let typing: ReturnType<typeof setTimeout> | undefined;

  /** The one before is stopped and waited for. */
  async function stop(): Promise<void> {
    clearTimeout(typing);
    const before = under;
    under = null;
    before?.cancel.abort();
    await before?.ended;
  }

  async function follow(): Promise<void> {
    await stop();
    const state = get();
    const [offer, model] = [choice.engine(), choice.model()];
    if (state.run || under || !offer || !model?.schedules.draft) return;
    // Half a prompt goes to nobody else's server, where each picture may cost something.
    if (model.notice !== undefined) return;
    // Braces that are still open are no fault while they are typed.
    if (faultOf(state.prompt) !== null) return;
    if (state.prompt.trim() === '') {
      if (tiles.of(LIVE)) tiles.goBack();
      return;
    }
    const request = requestFor(state, [state.seed], 'draft', model);
    if (!request) return;
    const mine = new AbortController();
    const sketch = { ...offer, engine: offer.sketch ?? offer.engine };
    const ended = draw([sketch], request, mine.signal, (event) => {
      if (event.type !== 'picture' || under?.cancel !== mine) return;
      const tile = tiles.of(LIVE) ?? blankTile(request, state.seed, LIVE);
      if (!tiles.of(LIVE)) tiles.begin([tile]);
      tiles.fill({ ...tile, ...blankTile(request, state.seed, LIVE), url: tile.url }, 'draft', event.bytes);
      set({ selected: null, took: null });
    }).then(() => undefined);
    under = { cancel: mine, ended };
    await ended;
  }

  return {
    stop,
    /** The words changed. */
    touch(): void {
      clearTimeout(typing);
      if (get().settings.asYouType) typing = setTimeout(() => void follow(), TYPING_PAUSE);
    },
  };
}
