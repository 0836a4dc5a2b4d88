/** The screen: prompt, options, pictures or ideas, and at the foot who works. */
import { useEffect, useReducer } from 'preact/hooks';
import { Engines } from './engines.js';
import { Foot } from './foot.js';
import { History } from './history.js';
import { Ideas, isSearching, Matches } from './ideas.js';
import { isComposing, pressInPanel } from './keys.js';
import { NoticeBox } from './notice.js';
import { Options } from './options.js';
import { PlanRow } from './plan-row.js';
import { Preview } from './preview.js';
import { Prompt } from './prompt.js';
import { Results } from './results.js';
import type { Session } from './session.js';
import { SettingsSheet } from './settings.js';
import { runOf, type Tile } from './state.js';

export function App({ session }: { readonly session: Session }) {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => session.store.subscribe(() => redraw(null)), [session]);
  const state = session.store.get();

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isComposing(event)) return;
      if (pressInPanel(session, event)) event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [session]);

  const isLarge = ({ key, url }: Tile) => key === state.preview && url !== null;
  const large = state.screen === 'make' && runOf(state, state.preview).some(isLarge);

  return (
    <>
      <main class="screen" data-screen={state.screen} inert={large}>
        <h1 class="hidden">Twostep</h1>
        {state.screen === 'make' && (
          <>
            <Prompt session={session} state={state} />
            <Options session={session} state={state} />
            <PlanRow session={session} state={state} />
            {state.notice && <NoticeBox notice={state.notice} dismiss={session.dismiss} />}
            {state.removal && <NoticeBox notice={state.removal} dismiss={session.dismissRemoval} />}
            {isSearching(session, state) && <Matches session={session} state={state} />}
            <Results session={session} state={state} />
            {state.tiles.length === 0 && state.earlier.length === 0 && !state.run && (
              <Ideas session={session} state={state} />
            )}
          </>
        )}
        {state.screen === 'engines' && <Engines session={session} state={state} />}
        {state.screen === 'history' && <History session={session} state={state} />}
        {state.screen === 'settings' && <SettingsSheet session={session} state={state} />}
      </main>
      <div class="base" inert={large}>
        <Foot session={session} state={state} />
      </div>
      {large && <Preview session={session} state={state} />}
      <div class="hidden" role="status" aria-live="polite">
        {state.announcement}
      </div>
    </>
  );
}
