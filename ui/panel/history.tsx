/** Pictures of before: by day, searchable. Only the rows in view are in the document, so 1,000 scroll as 10 do. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { searchHistory } from './archive.js';
import { Icon } from './icons.js';
import type { Session } from './session.js';
import { Sheet } from './sheet.js';
import type { Entry, State } from './state.js';
import { TEXT } from './text.js';

const { history: WORDS } = TEXT;

/** Pixels. */
const HEADING = 28;
const GAP = 4;
const SMALLEST_TILE = 84;
/** Kept ready above and below the view. */
const MARGIN = 200;

type Tab = 'file' | 'all' | 'favourites';
type Row = {
  readonly top: number;
  readonly height: number;
  readonly heading: string | null;
  readonly entries: readonly Entry[];
};

export function History({ session, state }: { readonly session: Session; readonly state: State }) {
  const [tab, setTab] = useState<Tab>('all');
  const [words, setWords] = useState('');
  const entries = useMemo(
    () =>
      searchHistory(state.history, words, {
        file: tab === 'file' ? state.file : null,
        favourites: tab === 'favourites',
      }),
    [state.history, state.file, words, tab],
  );
  const empty =
    words !== '' ? WORDS.nothing : { all: WORDS.empty, file: WORDS.emptyFile, favourites: WORDS.emptyFavourites }[tab];
  return (
    <Sheet title={WORDS.title} close={() => session.show('make')}>
      <div class="line filter">
        <div class="segments" role="radiogroup" aria-label={WORDS.title}>
          {(['all', 'file', 'favourites'] as const).map((name) => (
            <label key={name} title={WORDS[name]}>
              <input
                type="radio"
                name="tab"
                checked={tab === name}
                onChange={() => setTab(name)}
                aria-label={WORDS[name]}
              />
              <span>{name === 'favourites' ? <Icon name="heart" /> : WORDS[name]}</span>
            </label>
          ))}
        </div>
        <label class="search">
          <Icon name="search" />
          <input
            type="search"
            placeholder={WORDS.search}
            aria-label={WORDS.search}
            value={words}
            onInput={(event) => setWords(event.currentTarget.value)}
          />
        </label>
      </div>
      <div class="hidden" role="status">
        {WORDS.count(entries.length)}
      </div>
      {entries.length === 0 ? (
        <p class="quiet">{empty}</p>
      ) : (
        <Wall key={`${tab} ${words}`} entries={entries} session={session} />
      )}
    </Sheet>
  );
}

function Wall({ entries, session }: { readonly entries: readonly Entry[]; readonly session: Session }) {
  const box = useRef<HTMLElement>(null);
  const [view, setView] = useState({ top: 0, height: 600, width: 288 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight, width: element.clientWidth });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);
  const columns = Math.max(2, Math.floor((view.width + GAP) / (SMALLEST_TILE + GAP)));
  const side = (view.width - GAP * (columns - 1)) / columns;
  const rows = useMemo(() => layRows(entries, columns, side), [entries, columns, side]);
  const last = rows.at(-1);
  const shown = rows.filter(
    ({ top, height }) => top + height > view.top - MARGIN && top < view.top + view.height + MARGIN,
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by the keyboard (WCAG 2.1.1).
    <section class="wall" ref={box} tabIndex={0} aria-label={WORDS.count(entries.length)}>
      <div style={{ height: `${last ? last.top + last.height : 0}px`, position: 'relative' }}>
        {shown.map((row) =>
          row.heading !== null ? (
            <h3 key={`${row.top} ${row.heading}`} style={{ top: `${row.top}px` }}>
              {row.heading}
            </h3>
          ) : (
            <div
              key={row.top}
              class="row"
              style={{ top: `${row.top}px`, height: `${side}px`, gridTemplateColumns: `repeat(${columns}, 1fr)` }}
            >
              {row.entries.map((entry) => (
                <button
                  key={entry.id}
                  type="button"
                  class="open"
                  title={entry.request.prompt.slice(0, 200)}
                  aria-label={entry.request.prompt.slice(0, 200)}
                  onClick={() => session.open(entry)}
                >
                  <img src={entry.small} alt="" draggable={false} />
                  {entry.favourite && (
                    <span class="badge placed">
                      <Icon name="heart" filled />
                    </span>
                  )}
                </button>
              ))}
            </div>
          ),
        )}
      </div>
    </section>
  );
}

function layRows(entries: readonly Entry[], columns: number, side: number): Row[] {
  const rows: Row[] = [];
  let top = 0;
  let day = '';
  let line: Entry[] = [];
  const put = (row: Omit<Row, 'top'>) => {
    rows.push({ ...row, top });
    top += row.height;
  };
  const flush = () => {
    if (line.length > 0) put({ heading: null, entries: line, height: side + GAP });
    line = [];
  };
  for (const entry of entries) {
    const itsDay = nameDay(entry.at);
    if (itsDay !== day) {
      flush();
      day = itsDay;
      put({ heading: day, entries: [], height: HEADING });
    }
    line.push(entry);
    if (line.length === columns) flush();
  }
  flush();
  return rows;
}

function nameDay(at: number): string {
  const day = new Date(at);
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  if (at >= midnight.getTime()) return WORDS.today;
  midnight.setDate(midnight.getDate() - 1);
  if (at >= midnight.getTime()) return WORDS.yesterday;
  const year = day.getFullYear() === new Date().getFullYear() ? undefined : ('numeric' as const);
  return day.toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long', year });
}
