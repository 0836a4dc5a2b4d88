/** One image as large as the panel: to look at it closely, and to compare it with its neighbours. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { wordsOf } from '../../models/wildcards.js';
import { Icon } from './icons.js';
import { isCommand, pressOnImage } from './keys.js';
import type { Session } from './session.js';
import { runOf, type State, type Tile } from './state.js';
import { TEXT } from './text.js';

const { preview: WORDS } = TEXT;

/** Of the size that fits the window. */
const ZOOM = { least: 1, most: 8, step: 1.5 };
/** Pixels a press of an arrow key, while the image is larger than the window. */
const STEP = 40;

type View = { readonly zoom: number; readonly x: number; readonly y: number };
const FIT: View = { zoom: 1, x: 0, y: 0 };

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [1, 0],
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

export function Preview({ session, state }: { readonly session: Session; readonly state: State }) {
  const images = runOf(state, state.preview).filter(({ url }) => url !== null);
  const at = images.findIndex(({ key }) => key === state.preview);
  const tile = images[at];
  return tile ? <Large key="large" tile={tile} at={at} images={images} session={session} /> : null;
}

type LargeProps = {
  readonly tile: Tile;
  readonly at: number;
  readonly images: readonly Tile[];
  readonly session: Session;
};

function Large({ tile, at, images, session }: LargeProps) {
  // A view is of one image: the next begins whole, at once, so that no press is lost to a reset that comes after it.
  const [kept, keep] = useState({ key: tile.key, view: FIT });
  const viewOf = ({ key, view }: typeof kept): View => (key === tile.key ? view : FIT);
  const view = viewOf(kept);
  const change = (next: (view: View) => View) => keep((before) => ({ key: tile.key, view: next(viewOf(before)) }));
  const setView = (next: View) => change(() => next);
  const box = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);

  const close = () => session.enlarge(null);
  const go = (to: number) => {
    const next = images[(to + images.length) % images.length];
    if (next) session.enlarge(next.key);
  };
  const zoomBy = (factor: number) => change((view) => bounded({ ...view, zoom: view.zoom * factor }, stage.current));
  const move = (x: number, y: number) =>
    change((view) => bounded({ ...view, x: view.x + x, y: view.y + y }, stage.current));
  const press = (event: KeyboardEvent) => {
    const { key } = event;
    const arrow = ARROWS[key];
    const number = isCommand(event) ? Number.NaN : Number(key);
    if (key === 'Tab') return keepInside(event, box.current);
    if (key === 'Escape' || (key === ' ' && event.target === box.current)) close();
    else if (key === 'Enter' && isCommand(event)) session.placeChosen();
    else if (arrow && view.zoom > 1) move(arrow[0] * STEP, arrow[1] * STEP);
    else if (arrow) go(at - (arrow[0] + arrow[1]));
    else if (number >= 1 && images[number - 1]) go(number - 1);
    else if (key === '+' || key === '=') zoomBy(ZOOM.step);
    else if (key === '-') zoomBy(1 / ZOOM.step);
    else if (key === '0') setView(FIT);
    else if (key === ' ' || !pressOnImage(session, tile.key, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const grip = useRef<{ readonly x: number; readonly y: number } | null>(null);
  const drawn = wordsOf(tile.request);
  const words = TEXT.picture(at + 1, drawn);
  return (
    <div class="preview" role="dialog" aria-modal="true" aria-label={words} ref={box} tabIndex={-1} onKeyDown={press}>
      <div class="line head">
        <span class="cut" dir="auto" title={drawn}>
          {drawn}
        </span>
        <span class="space" />
        <span class="quiet number">{TEXT.seedOf(tile.seed)}</span>
        <Square label={WORDS.close} icon="close" run={close} />
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the same can be done by keys and by the buttons below. */}
      <div
        class={view.zoom > 1 ? 'stage zoomed' : 'stage'}
        ref={stage}
        onWheel={(event) => {
          event.preventDefault();
          zoomBy(Math.exp(-event.deltaY / 300));
        }}
        onDblClick={() => setView(view.zoom > 1 ? FIT : { ...FIT, zoom: 2 })}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          grip.current = { x: event.clientX, y: event.clientY };
        }}
        onPointerMove={(event) => {
          if (!grip.current) return;
          move(event.clientX - grip.current.x, event.clientY - grip.current.y);
          grip.current = { x: event.clientX, y: event.clientY };
        }}
        onPointerUp={() => {
          grip.current = null;
        }}
      >
        <img
          src={tile.url ?? ''}
          alt={words}
          draggable={false}
          style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.zoom})` }}
        />
      </div>
      <div class="line">
        <Square label={WORDS.previous} icon="back" run={() => go(at - 1)} disabled={images.length < 2} />
        <span class="quiet number">
          {at + 1} / {images.length}
        </span>
        <Square label={WORDS.next} icon="forward" run={() => go(at + 1)} disabled={images.length < 2} />
        <Square
          label={WORDS.zoomOut}
          icon="less"
          run={() => zoomBy(1 / ZOOM.step)}
          disabled={view.zoom <= ZOOM.least}
        />
        <button type="button" class="chip number" title={`${WORDS.fit} (0)`} onClick={() => setView(FIT)}>
          {WORDS.zoomed(Math.round(view.zoom * 100))}
        </button>
        <Square label={WORDS.zoomIn} icon="plus" run={() => zoomBy(ZOOM.step)} disabled={view.zoom >= ZOOM.most} />
        <span class="space" />
        {tile.placed.length > 0 && <span class="quiet cut">{TEXT.placed(tile.placed)}</span>}
        {tile.state === 'done' && (
          <button type="button" class="button primary" onClick={session.placeChosen}>
            <span class="cut">{TEXT.placeShort}</span>
          </button>
        )}
      </div>
    </div>
  );
}

type SquareProps = {
  readonly label: string;
  readonly icon: Parameters<typeof Icon>[0]['name'];
  readonly run: () => void;
  readonly disabled?: boolean;
};

function Square({ label, icon, run, disabled = false }: SquareProps) {
  return (
    <button type="button" class="square" aria-label={label} title={label} aria-disabled={disabled} onClick={run}>
      <Icon name={icon} />
    </button>
  );
}

/** The Tab key goes round inside: what lies behind can't be seen. */
function keepInside(event: KeyboardEvent, box: HTMLElement | null): void {
  const all = [...(box?.querySelectorAll<HTMLElement>('button') ?? [])];
  const [first, last] = [all[0], all.at(-1)];
  const end = event.shiftKey ? first : last;
  if (document.activeElement !== end && (document.activeElement !== box || !event.shiftKey)) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}

/** Within the limits, with the image over the middle of the stage. */
function bounded({ zoom, x, y }: View, stage: HTMLElement | null): View {
  const next = Math.min(ZOOM.most, Math.max(ZOOM.least, zoom));
  const room = (length = 0) => (length * (next - 1)) / 2;
  const within = (value: number, most: number) => Math.min(most, Math.max(-most, value));
  return { zoom: next, x: within(x, room(stage?.clientWidth)), y: within(y, room(stage?.clientHeight)) };
}
