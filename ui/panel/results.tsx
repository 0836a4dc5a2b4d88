/** The runs, newest first: drafts that sharpen in their place, older runs below with their captions, and what can be done with the selected image. */
import { useEffect, useRef } from 'preact/hooks';
import { wordsOf } from '../../models/wildcards.js';
import { Actions } from './actions.js';
import { neighbour, pressOnImage } from './keys.js';
import { Picture } from './picture.js';
import type { Session } from './session.js';
import type { State, Tile } from './state.js';
import { TEXT } from './text.js';

type Props = { readonly session: Session; readonly state: State };

export function Results({ session, state }: Props) {
  const { tiles, earlier, run } = state;
  const box = useRef<HTMLElement>(null);
  const imagesIn = () => [...(box.current?.querySelectorAll<HTMLElement>('.open') ?? [])];
  const hadFocus = useRef(false);
  // An image that is deleted takes the focus with it: it goes on to the one that is selected now.
  useEffect(() => {
    if (hadFocus.current && document.activeElement === document.body)
      imagesIn()
        .find(({ tabIndex }) => tabIndex === 0)
        ?.focus();
  }, [tiles, earlier]);
  // Out of the large preview the keyboard goes back to the image that was shown.
  const wasLarge = useRef(false);
  useEffect(() => {
    if (wasLarge.current && state.preview === null)
      imagesIn()
        .find(({ dataset }) => dataset['key'] === state.selected)
        ?.focus();
    wasLarge.current = state.preview !== null;
  }, [state.preview]);
  if (tiles.length === 0 && earlier.length === 0 && !run) return null;
  const press = (event: KeyboardEvent) => {
    const image = event.target;
    if (!(image instanceof HTMLElement) || !image.matches('.open') || event.defaultPrevented) return;
    const next = neighbour(imagesIn(), image, event.key);
    if (next) {
      next.focus();
      session.select(next.dataset['key'] ?? null);
    } else if (!pressOnImage(session, image.dataset['key'] ?? '', event)) return;
    event.preventDefault();
  };
  return (
    <section
      class="results"
      ref={box}
      aria-label={TEXT.results}
      aria-busy={run !== null}
      onKeyDown={press}
      onFocusIn={() => {
        hadFocus.current = true;
      }}
      onFocusOut={(event) => {
        if (event.relatedTarget !== null) hadFocus.current = false;
      }}
    >
      {tiles.length > 0 && <Run tiles={tiles} took={state.took} session={session} state={state} />}
      {run ? <Progress state={state} /> : <Actions session={session} state={state} />}
      {earlier.length > 0 && (
        <div class="line">
          <h2>{TEXT.earlier}</h2>
          <span class="space" />
          <button type="button" class="button plain" onClick={session.clearEarlier}>
            {TEXT.clearEarlier}
          </button>
        </div>
      )}
      {earlier.map(({ id, tiles }) => (
        <Run key={id} tiles={tiles} took={null} session={session} state={state} />
      ))}
    </section>
  );
}

/** @param took milliseconds, or null where nobody measured */
function Run({
  tiles,
  took,
  session,
  state,
}: Props & { readonly tiles: readonly Tile[]; readonly took: number | null }) {
  const first = tiles[0];
  if (!first) return null;
  // Images of a banner lie below each other; others in two columns.
  const wide = first.width / first.height > 1.9;
  const one = tiles.find(({ key }) => key === state.selected);
  const prompt = one ? wordsOf(one.request) : first.request.prompt;
  const remark = (one ?? first).remark;
  return (
    <article class="run" aria-label={prompt.slice(0, 200)}>
      <ul class={tiles.length === 1 || wide ? 'grid one' : 'grid'}>
        {tiles.map((tile, index) => (
          <Picture key={tile.key} tile={tile} number={index + 1} session={session} state={state} />
        ))}
      </ul>
      <p class="caption quiet">
        <span class="cut" dir="auto" title={prompt}>
          {prompt}
        </span>
        <span class="number">
          {[seedsOf(tiles, state.selected), took === null ? '' : TEXT.took(TEXT.seconds(took))]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </p>
      {remark && (
        <p class="remark quiet" dir="auto">
          {remark}
        </p>
      )}
    </article>
  );
}

/** Of the selected image, or of all. */
function seedsOf(tiles: readonly Tile[], selected: string | null): string {
  const one = tiles.find(({ key }) => key === selected) ?? (tiles.length === 1 ? tiles[0] : undefined);
  if (one) return TEXT.seedOf(one.seed);
  const seeds = tiles.map(({ seed }) => seed);
  return TEXT.seedsOf(Math.min(...seeds), Math.max(...seeds));
}

function Progress({ state }: { readonly state: State }) {
  const { run } = state;
  if (!run) return null;
  const total = state.tiles.length;
  const at = Math.min(total, state.tiles.filter((tile) => tile.state === 'done').length + 1);
  const words = TEXT.step(TEXT.phases[run.phase], at, total);
  const percent = Math.round(run.fraction * 100);
  return (
    <div class="progress">
      <div
        class="bar"
        role="progressbar"
        aria-label={TEXT.progress}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={words}
      >
        <i style={{ width: `${run.fraction * 100}%` }} />
      </div>
      <div class="line">
        <span>{words}</span>
        <span class="space" />
        <span class="number">
          {run.stopping
            ? TEXT.stopping
            : run.remaining === null
              ? TEXT.measuring
              : TEXT.left(TEXT.seconds(run.remaining))}
        </span>
      </div>
    </div>
  );
}
