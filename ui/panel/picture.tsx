/** One image among the results: waiting, a draft, or done; it can be chosen, dragged to the canvas, and has a menu. */
import { useEffect, useRef } from 'preact/hooks';
import { fileNameOf } from '../../models/request/file-name.js';
import { wordsOf } from '../../models/wildcards.js';
import { CANVAS_LIMITS, DROP_TYPE } from '../../plugin/messages.js';
import { coloursItem } from './colours-row.js';
import { Icon } from './icons.js';
import { shortcut } from './keys.js';
import { Menu } from './menu.js';
import { keepItems } from './plan-row.js';
import type { Port } from './port.js';
import type { Session } from './session.js';
import type { State, Tile } from './state.js';
import { TEXT } from './text.js';
import { svgItem } from './vectors.js';

type Props = {
  readonly tile: Tile;
  readonly number: number;
  readonly session: Session;
  readonly state: State;
};

export function Picture({ tile, number, session, state }: Props) {
  const { key, url } = tile;
  const done = tile.state === 'done';
  const chosen = state.selected === key;
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (chosen && !state.run) item.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen, state.run]);
  const ratio = Math.min(3, Math.max(0.5, tile.width / tile.height));
  // One stop for the Tab key; from there the arrow keys go on.
  const isStop = state.selected === null ? number === 1 : chosen;
  return (
    <li
      ref={item}
      class={`tile ${tile.state}${chosen && !state.run ? ' chosen' : ''}`}
      style={{ aspectRatio: String(ratio) }}
      draggable={done}
      onDragStart={(event) => {
        // Let go over the desktop or a folder, it becomes a file there, in browsers that know this.
        const name = fileNameOf(wordsOf(tile.request), tile.seed);
        event.dataTransfer?.setData('DownloadURL', `image/png:${name}:${url}`);
        if (event.dataTransfer) event.dataTransfer.effectAllowed = 'copy';
      }}
      onDragEnd={(event) => {
        if (tile.bytes && !isInside(event)) session.drop(key, dropOf(tile, event.clientX, event.clientY));
      }}
    >
      {tile.state === 'waiting' ? (
        <span class="hidden">{TEXT.waiting(number)}</span>
      ) : (
        <button
          type="button"
          class="open"
          data-key={key}
          tabIndex={isStop ? 0 : -1}
          aria-label={TEXT.picture(number, wordsOf(tile.request))}
          aria-pressed={chosen}
          aria-keyshortcuts="Space Control+Enter F V R Delete"
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
      {done && <Acts tile={tile} session={session} state={state} />}
    </li>
  );
}

/** For the pointer. The keyboard has the same by the image's own keys, so that the way to "Place" stays short. */
function Acts({ tile, session, state }: Omit<Props, 'number'>) {
  const { key, favourite } = tile;
  return (
    <div class="acts">
      <button
        type="button"
        class="square over"
        tabIndex={-1}
        aria-label={TEXT.preview.open}
        title={`${TEXT.preview.open} (${TEXT.space})`}
        onClick={() => session.enlarge(key)}
      >
        <Icon name="enlarge" />
      </button>
      <button
        type="button"
        class="square over"
        tabIndex={-1}
        aria-pressed={favourite}
        aria-label={TEXT.favourite}
        title={`${favourite ? TEXT.unfavourite : TEXT.favourite} (F)`}
        onClick={() => session.favour(key)}
      >
        <Icon name="heart" filled={favourite} />
      </button>
      <Menu
        label={TEXT.more}
        className="square over"
        tabIndex={-1}
        onOpen={() => void session.trace(key)}
        items={[
          { label: TEXT.vary, title: TEXT.varyHint, key: 'V', icon: 'shuffle', run: () => session.vary(key) },
          { label: TEXT.likeThis, title: TEXT.likeThisHint, key: 'R', icon: 'words', run: () => session.reword(key) },
          { label: TEXT.copyPrompt, key: shortcut('C'), icon: 'copy', run: () => session.copy(key) },
          { label: TEXT.save, key: shortcut('S'), icon: 'save', run: () => session.save(key) },
          ...(session.canBeTransparent(key) ? [backgroundItem(tile, () => session.flipBackground(key))] : []),
          ...(session.canBeLarger(key)
            ? [{ label: TEXT.larger, icon: 'enlarge' as const, run: () => session.enlargeTwice(key) }]
            : []),
          ...coloursItem(tile, { session, state }),
          svgItem(tile.tracing, () => session.saveVectors(key)),
          ...keepItems(tile, { session, state }),
          { label: TEXT.remove, key: TEXT.deleteKey, icon: 'trash', separated: true, run: () => session.remove(key) },
        ]}
      >
        <Icon name="more" />
      </Menu>
    </div>
  );
}

/** The same image again, from the same seed, with its background or without. */
function backgroundItem({ request }: Tile, run: () => void) {
  const { remove, keep } = TEXT.background;
  return { label: request.background === 'opaque' ? remove : keep, icon: 'vectors', run } as const;
}

/** Let go inside the panel is no drop, unless somebody says that it was taken. */
function isInside({ dataTransfer, clientX, clientY }: DragEvent): boolean {
  const taken = (dataTransfer?.dropEffect ?? 'none') !== 'none';
  return !taken && clientX >= 0 && clientY >= 0 && clientX < innerWidth && clientY < innerHeight;
}

function dropOf(tile: Tile, x: number, y: number): Parameters<Port['drop']>[0] {
  const prompt = wordsOf(tile.request);
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
