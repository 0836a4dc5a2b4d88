/** What can be done with the selected image, in one line that stays in view. In a narrow panel the quiet ones are icons. */
import { Icon, type IconName } from './icons.js';
import { shortcut } from './keys.js';
import type { Session } from './session.js';
import { isOneEach, placeOf, runOf, type State, unplacedOf } from './state.js';
import { TEXT } from './text.js';

type Props = { readonly session: Session; readonly state: State };

export function Actions({ session, state }: Props) {
  const tile = runOf(state, state.selected).find(({ key }) => key === state.selected);
  if (!tile) return null;
  const vary = (
    <Quiet label={TEXT.vary} title={`${TEXT.varyHint} (V)`} icon="shuffle" run={() => session.vary(tile.key)} />
  );
  if (tile.state === 'faded')
    return (
      <div class="actions">
        <button type="button" class="button primary" onClick={() => session.redraw(tile.key)}>
          {TEXT.drawAgain}
        </button>
        {vary}
      </div>
    );
  const place = placeOf(state);
  const where = place.name ?? (place.layers > 1 ? TEXT.manyLayers(place.layers) : null);
  const each = isOneEach(state);
  const words = each ? TEXT.placeEach : where ? TEXT.placeIn(where) : TEXT.placeNew;
  // With nothing to fill each image gets a frame of its own, and one press may be enough for all of them.
  const rest = place.layers === 0 ? unplacedOf(state).length : 0;
  return (
    <div class="actions">
      <button
        type="button"
        class="button primary shrink"
        aria-label={words}
        title={`${words} (${shortcut('Enter')})`}
        aria-keyshortcuts="Control+Enter"
        onClick={session.placeChosen}
      >
        <span class="cut wide-only">{words}</span>
        <span class="narrow-only">{TEXT.placeShort}</span>
      </button>
      {each && (
        <Quiet
          label={TEXT.placeAll(place.layers)}
          title={TEXT.placeAllHint(place.layers)}
          icon="stack"
          run={() => session.place(tile.key)}
        />
      )}
      {rest > 1 && (
        <Quiet label={TEXT.placeRest(rest)} title={TEXT.placeRestHint(rest)} icon="stack" run={session.placeRest} />
      )}
      <Quiet
        label={TEXT.vectors.place}
        short={TEXT.vectors.short}
        title={`${TEXT.vectors.place}: ${TEXT.vectors.hint}`}
        icon="vectors"
        busy={tile.tracing?.state === 'working'}
        run={() => void session.placeVectors(tile.key)}
      />
      {vary}
      <Quiet
        label={TEXT.likeThis}
        title={`${TEXT.likeThisHint} (R)`}
        icon="words"
        run={() => session.reword(tile.key)}
      />
    </div>
  );
}

type QuietProps = {
  readonly label: string;
  /** As it is shown. */
  readonly short?: string;
  readonly title: string;
  readonly icon: IconName;
  readonly busy?: boolean;
  readonly run: () => void;
};

function Quiet({ label, short = label, title, icon, busy = false, run }: QuietProps) {
  return (
    <button type="button" class="button quiet-act" aria-label={label} title={title} aria-busy={busy} onClick={run}>
      <Icon name={icon} />
      <span class="label">{short}</span>
    </button>
  );
}
