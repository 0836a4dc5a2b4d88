/** Pictures of before in rows, by day. Only the rows in view are in the document, so 1,000 scroll as 10 do. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { wordsOf } from '../../models/wildcards.js';
import { Icon } from './icons.js';
import { unreadableWords } from './requests.js';
import type { Session } from './session.js';
import type { Entry } from './state.js';
import { TEXT } from './text.js';

const { history: WORDS } = TEXT;

/** Pixels. */
const HEADING = 28;
const GAP = 4;
const SMALLEST_TILE = 84;
/** Kept ready above and below the view. */
const MARGIN = 200;

type Row = {
  readonly top: number;
  readonly height: number;
  readonly heading: string | null;
  readonly entries: readonly Entry[];
};

export function Wall({ entries, session }: { readonly entries: readonly Entry[]; readonly session: Session }) {
  const box = useRef<HTMLElement>(null);
  const [view, setView] = useState({ top: 0, height: 600, width: 288 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => {
      const style = getComputedStyle(element);
      const sides = Number.parseFloat(style.paddingLeft) + Number.parseFloat(style.paddingRight);
      setView({ top: element.scrollTop, height: element.clientHeight, width: element.clientWidth - sides });
    };
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
                <Small key={entry.id} entry={entry} session={session} />
              ))}
            </div>
          ),
        )}
      </div>
    </section>
  );
}

function Small({ entry, session }: { readonly entry: Entry; readonly session: Session }) {
  const [url, setUrl] = useState(entry.small);
  useEffect(() => {
    if (entry.small !== null) return;
    let gone = false;
    session.kept.small(entry.id).then(
      (address) => gone || setUrl(address),
      // Without its small copy it stays an empty tile that says its words.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [entry.id, entry.small, session]);
  const words = (entry.request && wordsOf(entry.request).slice(0, 200)) ?? unreadableWords(entry.unreadable).title;
  return (
    <button type="button" class="open" title={words} aria-label={words} onClick={() => session.open(entry, url ?? '')}>
      {url && <img src={url} alt="" draggable={false} />}
      {entry.favourite && (
        <span class="badge placed">
          <Icon name="heart" filled />
        </span>
      )}
    </button>
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
