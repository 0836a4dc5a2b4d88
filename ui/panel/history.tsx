/** Pictures of before: those of this file, all that the panel kept, and what the companion keeps; searchable. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { searchHistory } from './archive.js';
import { Icon } from './icons.js';
import type { Session } from './session.js';
import { Sheet } from './sheet.js';
import type { State } from './state.js';
import { TEXT } from './text.js';
import { Wall } from './wall.js';

const { history: WORDS } = TEXT;

type Tab = 'all' | 'file' | 'kept' | 'favourites';

export function History({ session, state }: { readonly session: Session; readonly state: State }) {
  const [tab, setTab] = useState<Tab>('all');
  const [words, setWords] = useState('');
  const { history, kept, file } = state;
  const entries = useMemo(
    () =>
      tab === 'kept'
        ? searchHistory(kept.entries, words, { file: null, favourites: false })
        : searchHistory(history, words, { file: tab === 'file' ? file : null, favourites: tab === 'favourites' }),
    [history, kept.entries, file, words, tab],
  );
  const keeps = session.kept.isThere();
  const tabs: readonly Tab[] = ['all', 'file', ...(keeps ? (['kept'] as const) : []), 'favourites'];
  useEffect(() => {
    if (tab === 'kept') void session.kept.read();
  }, [tab, session]);
  return (
    <Sheet title={WORDS.title} close={() => session.show('make')}>
      <div class="line filter">
        <div class="segments" role="radiogroup" aria-label={WORDS.title}>
          {tabs.map((name) => (
            <label key={name} title={WORDS.tabs[name]}>
              <input
                type="radio"
                name="tab"
                checked={tab === name}
                onChange={() => setTab(name)}
                aria-label={WORDS.tabs[name]}
              />
              <span>{name === 'favourites' ? <Icon name="heart" /> : WORDS.tabs[name]}</span>
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
        <p class="quiet">{emptyWords(tab, words, kept.state)}</p>
      ) : (
        <Wall key={`${tab} ${words}`} entries={entries} session={session} />
      )}
    </Sheet>
  );
}

function emptyWords(tab: Tab, words: string, kept: State['kept']['state']): string {
  if (tab === 'kept' && kept !== 'read') return kept === 'failed' ? WORDS.unreachable : WORDS.reading;
  return words === '' ? WORDS.empty[tab] : WORDS.nothing;
}
