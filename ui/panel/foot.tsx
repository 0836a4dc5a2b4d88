/** Who works, and how fast. Always there; pressing it opens the engines. */
import { Icon } from './icons.js';
import { ResizeCorner } from './resize.js';
import type { Session } from './session.js';
import { type State, speedKey } from './state.js';
import { TEXT } from './text.js';

export function Foot({ session, state }: { readonly session: Session; readonly state: State }) {
  const { mark, words, more = '' } = describe(session, state);
  const toggle = (screen: State['screen']) => session.show(state.screen === screen ? 'make' : screen);
  const square = (screen: 'history' | 'settings', icon: 'clock' | 'sliders') => (
    <button
      type="button"
      class="square"
      aria-label={TEXT.foot[screen]}
      title={TEXT.foot[screen]}
      aria-pressed={state.screen === screen}
      onClick={() => toggle(screen)}
    >
      <Icon name={icon} />
    </button>
  );
  return (
    <footer class="foot">
      <button type="button" class="engine" aria-expanded={state.screen === 'engines'} onClick={() => toggle('engines')}>
        <span class={`dot ${mark}`} aria-hidden="true" />
        <span class="cut">
          {words}
          {more !== '' && <span class="wide-only"> · {more}</span>}
        </span>
        <Icon name="down" />
      </button>
      {square('history', 'clock')}
      {square('settings', 'sliders')}
      <ResizeCorner session={session} />
    </footer>
  );
}

type Words = {
  readonly mark: 'ready' | 'open' | 'none';
  readonly words: string;
  /** Left out of a narrow panel. */
  readonly more?: string;
};

function describe(session: Session, state: State): Words {
  const { engines, foot } = TEXT;
  const engine = session.engine();
  const wished = state.settings.engine;
  const missing = wished && state.findings[wished];
  if (!engine) {
    const looking = Object.values(state.findings).some((finding) => finding.state === 'looking');
    return { mark: looking ? 'open' : 'none', words: looking ? foot.looking : foot.none };
  }
  // Nothing is asked of it before the person wants a picture.
  if (wished && wished !== engine.id && (!missing || missing.state === 'unasked'))
    return { mark: 'open', words: foot.later(engines.names[wished]) };
  const finding = state.findings[engine.id];
  const device = finding?.state === 'ready' ? finding.device : '';
  const model = session.model();
  const speed = model && state.settings.speeds[speedKey(engine.id, model.id, session.quality())];
  const more = foot.working(device, speed ? engines.perPicture(TEXT.seconds(speed)) : null);
  if (wished && wished !== engine.id && (missing?.state === 'absent' || missing?.state === 'unpaired')) {
    const why = missing.state === 'absent' ? foot.lost[wished] : foot.asksForCode;
    return { mark: 'open', words: `${engines.names[engine.id]} · ${why}` };
  }
  return { mark: 'ready', words: engines.names[engine.id], more };
}
