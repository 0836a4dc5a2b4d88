/** The pictures: drafts that sharpen in their place, and what can be done with each. */
import { CANVAS_LIMITS, DROP_TYPE } from '../../plugin/messages.js';
import { Icon } from './icons.js';
import { Menu } from './menu.js';
import { fileNameOf } from './pictures.js';
import type { Port } from './port.js';
import type { Session } from './session.js';
import { placeOf, type State, type Tile, unplacedOf } from './state.js';
import { TEXT } from './text.js';
import { vectorItems } from './vectors.js';

type Props = { readonly session: Session; readonly state: State };

export function Results({ session, state }: Props) {
  const { tiles, run } = state;
  if (tiles.length === 0 && !run) return null;
  const first = tiles[0];
  // Pictures of a banner lie below each other; others in two columns.
  const wide = first ? first.width / first.height > 1.9 : false;
  return (
    <section class="results" aria-label={TEXT.results} aria-busy={run !== null}>
      <ul class={tiles.length === 1 || wide ? 'grid one' : 'grid'}>
        {tiles.map((tile, index) => (
          <Picture key={tile.key} tile={tile} number={index + 1} session={session} state={state} />
        ))}
      </ul>
      {run && <Progress state={state} />}
      {!run && <Actions session={session} state={state} />}
    </section>
  );
}

function Picture({ tile, number, session, state }: Props & { readonly tile: Tile; readonly number: number }) {
  const { key, url, favourite } = tile;
  const done = tile.state === 'done';
  const chosen = state.selected === key;
  const { layers } = placeOf(state);
  // With nothing to fill each picture gets a frame of its own, and one press may be enough for all of them.
  const rest = layers === 0 && !state.run ? unplacedOf(state).length : 0;
  const words = TEXT.picture(number, tile.request.prompt);
  const ratio = Math.min(3, Math.max(0.5, tile.width / tile.height));
  return (
    <li
      class={`tile ${tile.state}${chosen && !state.run ? ' chosen' : ''}`}
      style={{ aspectRatio: String(ratio) }}
      draggable={done}
      onDragStart={(event) => {
        // Let go over the desktop or a folder, it becomes a file there, in browsers that know this.
        const name = fileNameOf(tile.request.prompt, tile.seed);
        event.dataTransfer?.setData('DownloadURL', `image/png:${name}:${url}`);
        if (event.dataTransfer) event.dataTransfer.effectAllowed = 'copy';
      }}
      onDragEnd={(event) => {
        // Let go inside the panel is no drop, unless somebody says that it was taken.
        const taken = (event.dataTransfer?.dropEffect ?? 'none') !== 'none';
        const inside =
          !taken &&
          event.clientX >= 0 &&
          event.clientY >= 0 &&
          event.clientX < innerWidth &&
          event.clientY < innerHeight;
        if (!inside && tile.bytes) session.drop(key, dropOf(tile, event.clientX, event.clientY));
      }}
    >
      {tile.state === 'waiting' ? (
        <span class="hidden">{TEXT.waiting(number)}</span>
      ) : (
        <button
          type="button"
          class="open"
          aria-label={words}
          aria-pressed={chosen}
          onClick={() => session.select(key)}
          onDblClick={() => done && session.place(key)}
        >
          {url && <img src={url} alt="" draggable={false} dir="auto" />}
        </button>
      )}
      {tile.state === 'draft' && <span class="badge">{key === 'live' ? TEXT.live : TEXT.draft}</span>}
      {tile.placed.length > 0 && (
        <span class="badge placed" title={TEXT.placed(tile.placed)}>
          <Icon name="check" />
        </span>
      )}
      {done && (
        <div class="acts">
          <button
            type="button"
            class="square over"
            aria-pressed={favourite}
            aria-label={TEXT.favourite}
            title={favourite ? TEXT.unfavourite : TEXT.favourite}
            onClick={() => session.favour(key)}
          >
            <Icon name="heart" filled={favourite} />
          </button>
          <Menu
            label={TEXT.more}
            className="square over"
            onOpen={() => void session.trace(key)}
            items={[
              ...(layers > 1 && state.tiles.length > 1
                ? [
                    {
                      label: TEXT.placeAll(layers),
                      hint: TEXT.placeAllHint,
                      icon: 'frame' as const,
                      run: () => session.place(key),
                    },
                  ]
                : []),
              ...(rest > 1
                ? [
                    {
                      label: TEXT.placeRest,
                      hint: TEXT.placeRestHint(rest),
                      icon: 'frame' as const,
                      run: () => session.placeRest(),
                    },
                  ]
                : []),
              { label: TEXT.vary, hint: TEXT.varyHint, icon: 'shuffle', run: () => session.vary(key) },
              { label: TEXT.likeThis, hint: TEXT.likeThisHint, icon: 'words', run: () => session.reword(key) },
              { label: TEXT.copyPrompt, icon: 'copy', run: () => session.copy(key) },
              ...vectorItems(tile.tracing, {
                place: () => session.placeVectors(key),
                save: () => session.saveVectors(key),
              }),
              { label: TEXT.save, icon: 'save', run: () => session.save(key) },
              { label: TEXT.remove, icon: 'trash', separated: true, run: () => session.remove(key) },
            ]}
          >
            <Icon name="more" />
          </Menu>
        </div>
      )}
    </li>
  );
}

function dropOf(tile: Tile, x: number, y: number): Parameters<Port['drop']>[0] {
  const { prompt } = tile.request;
  const title = prompt.slice(0, CANVAS_LIMITS.name);
  const { width, height, beyond = null } = tile;
  const bytes = tile.bytes as Uint8Array<ArrayBuffer>;
  return {
    x,
    y,
    type: DROP_TYPE,
    data: JSON.stringify({ title, request: JSON.stringify(tile.request), width, height, beyond }),
    file: new File([bytes], fileNameOf(prompt, tile.seed), { type: 'image/png' }),
  };
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

function Actions({ session, state }: { readonly session: Session; readonly state: State }) {
  const tile = state.tiles.find(({ key }) => key === state.selected);
  const place = placeOf(state);
  if (!tile) return null;
  if (tile.state === 'faded')
    return (
      <div class="actions">
        <button type="button" class="button primary" onClick={() => session.redraw(tile.key)}>
          {TEXT.drawAgain}
        </button>
        <button type="button" class="button" title={TEXT.varyHint} onClick={() => session.vary(tile.key)}>
          {TEXT.vary}
        </button>
      </div>
    );
  // Several pictures for several layers are meant one for each; the menu has the other way.
  const each = place.layers > 1 && state.tiles.length > 1;
  const where = place.name ?? (place.layers > 1 ? TEXT.manyLayers(place.layers) : null);
  return (
    <div class="actions">
      <button
        type="button"
        class="button primary shrink"
        onClick={() => (each ? session.placeEach() : session.place(tile.key))}
      >
        <span class="cut">{each ? TEXT.placeEach : where ? TEXT.placeIn(where) : TEXT.placeNew}</span>
      </button>
      <button type="button" class="button" title={TEXT.varyHint} onClick={() => session.vary(tile.key)}>
        {TEXT.vary}
      </button>
      <button type="button" class="button" title={TEXT.likeThisHint} onClick={() => session.reword(tile.key)}>
        {TEXT.likeThis}
      </button>
      <span class="space" />
      {state.took !== null && <span class="quiet number">{TEXT.took(TEXT.seconds(state.took))}</span>}
    </div>
  );
}
