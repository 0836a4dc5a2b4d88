/** The few things that are decided once. */
import { useState } from 'preact/hooks';
import type { Session } from './session.js';
import { Sheet } from './sheet.js';
import type { State } from './state.js';
import { TEXT } from './text.js';

const { settings: WORDS } = TEXT;

export function SettingsSheet({ session, state }: { readonly session: Session; readonly state: State }) {
  const [sure, setSure] = useState(false);
  const { settings, history } = state;
  return (
    <Sheet title={WORDS.title} close={() => session.show('make')}>
      <Switch
        label={WORDS.asYouType}
        hint={WORDS.asYouTypeHint}
        on={settings.asYouType}
        flip={(asYouType) => session.change({ asYouType })}
      />
      <Switch
        label={WORDS.straight}
        hint={WORDS.straightHint}
        on={settings.straight}
        flip={(straight) => session.change({ straight })}
      />
      <Switch
        label={WORDS.transparent}
        hint={WORDS.transparentHint}
        on={settings.transparent}
        flip={(transparent) => session.change({ transparent })}
      />
      <div class="line">
        <span>{TEXT.history.count(history.length)}</span>
        <span class="space" />
        <button
          type="button"
          class={sure ? 'button danger' : 'button'}
          disabled={history.length === 0}
          onBlur={() => setSure(false)}
          onClick={() => {
            if (sure) session.forget();
            setSure(!sure);
          }}
        >
          {sure ? WORDS.forgetSure : WORDS.forget}
        </button>
      </div>
      <span class="space" />
      <p class="quiet">{WORDS.about}</p>
    </Sheet>
  );
}

type SwitchProps = {
  readonly label: string;
  readonly hint: string;
  readonly on: boolean;
  readonly flip: (on: boolean) => void;
};

function Switch({ label, hint, on, flip }: SwitchProps) {
  return (
    <label class="switch">
      <span class="words">
        <span>{label}</span>
        <small>{hint}</small>
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-checked={on}
        checked={on}
        onChange={(event) => flip(event.currentTarget.checked)}
      />
    </label>
  );
}
