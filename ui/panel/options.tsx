/** One quiet line under the field: how much work, and which seed. */

import { PRESETS } from '../../models/request/presets.js';
import { describeSchedule } from '../../models/request/schedule.js';
import { Icon } from './icons.js';
import type { Session } from './session.js';
import type { State } from './state.js';
import { TEXT } from './text.js';

export function Options({ session, state }: { readonly session: Session; readonly state: State }) {
  const { seed, seedLocked } = state;
  const model = session.model();
  const quality = session.quality();
  const qualities = PRESETS.filter((name) => !model || model.schedules[name] !== undefined);
  const setSeed = (text: string) => {
    const number = Number(text.replace(/\D/g, '').slice(0, 15));
    if (text.trim() !== '') session.setSeed(number);
  };
  return (
    <div class={state.optionsOpen ? 'options unfolded' : 'options'} id="options">
      {qualities.length > 1 && (
        <div class="segments" role="radiogroup" aria-label={TEXT.quality}>
          {qualities.map((name) => {
            const schedule = model?.schedules[name];
            const hint = [TEXT.qualities[name].hint, schedule && describeSchedule(schedule)].filter(Boolean).join(': ');
            return (
              <label key={name} title={hint}>
                <input
                  type="radio"
                  name="quality"
                  checked={name === quality}
                  onChange={() => session.change({ quality: name })}
                />
                <span>{TEXT.qualities[name].name}</span>
              </label>
            );
          })}
        </div>
      )}
      <span class="space" />
      <label class="seed">
        <span>{TEXT.seed}</span>
        <input
          inputMode="numeric"
          value={seed}
          size={Math.max(4, String(seed).length)}
          onFocus={(event) => event.currentTarget.select()}
          onChange={(event) => setSeed(event.currentTarget.value)}
        />
      </label>
      <button
        type="button"
        class="square"
        aria-pressed={seedLocked}
        aria-label={TEXT.seedLock}
        title={seedLocked ? TEXT.seedUnlock : TEXT.seedLock}
        onClick={() => session.lockSeed(!seedLocked)}
      >
        <Icon name={seedLocked ? 'lock' : 'unlock'} />
      </button>
      <button type="button" class="square" aria-label={TEXT.seedNew} title={TEXT.seedNew} onClick={session.rollSeed}>
        <Icon name="dice" />
      </button>
    </div>
  );
}
