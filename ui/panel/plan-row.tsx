/** One quiet line of what is kept the same from image to image, and the same for the menu of an image. */
import { useRef } from 'preact/hooks';
import type { PlanField } from '../../models/protocol.js';
import type { Vocabulary } from '../../models/vocabulary.js';
import { ColoursChip, PaletteField } from './colours-row.js';
import { Icon } from './icons.js';
import { type Item, Menu, Swatch } from './menu.js';
import { choose, coloursOf, fieldsOf, groupsOf, isChosen, nameOf, pinsFor, planShown } from './plan.js';
import type { Session } from './session.js';
import { runOf, type State, type Tile } from './state.js';
import { TEXT } from './text.js';

const { plan: WORDS } = TEXT;

type Props = { readonly session: Session; readonly state: State };

export function PlanRow({ session, state }: Props) {
  const row = useRef<HTMLFieldSetElement>(null);
  const model = session.model();
  const pins = pinsFor(state.plan, model);
  const fields = model?.vocabulary ? fieldsOf(model.vocabulary, pins) : [];
  const { vocabulary } = model ?? {};
  if (!model?.isFlat && fields.length === 0) return null;
  const isPinned = Object.keys(pins).length > 0;
  const isOpen = isPinned || state.settings.colours !== 'drawn';
  const tile = runOf(state, state.selected).find(({ key, state: stage }) => key === state.selected && stage === 'done');
  const shown = tile ? planShown(tile, session.vocabularyOf(tile)) : {};
  return (
    <fieldset
      class={state.optionsOpen || isOpen ? 'options plan unfolded' : 'options plan'}
      ref={row}
      aria-label={WORDS.label}
    >
      {vocabulary &&
        fields.map((field) => (
          <Control
            key={field}
            field={field}
            pinned={pins[field]}
            shown={shown[field]}
            vocabulary={vocabulary}
            pin={(value) => session.pin(field, value)}
          />
        ))}
      {model?.isFlat && <ColoursChip session={session} state={state} />}
      {isPinned && (
        <button
          type="button"
          class="square"
          aria-label={WORDS.clear}
          title={WORDS.clear}
          onClick={() => {
            session.clearPlan();
            // The button goes, and the focus with it.
            row.current?.querySelector('button')?.focus();
          }}
        >
          <Icon name="close" />
        </button>
      )}
      {model?.isFlat && <PaletteField session={session} state={state} />}
    </fieldset>
  );
}

type ControlProps = {
  readonly field: PlanField;
  readonly pinned: string | undefined;
  /** What the selected image shows. */
  readonly shown: string | undefined;
  readonly vocabulary: Vocabulary;
  readonly pin: (value: string | undefined) => void;
};

function Control({ field, pinned, shown, vocabulary, pin }: ControlProps) {
  const name = pinned === undefined ? WORDS.any : nameOf(field, pinned);
  const like: Item[] =
    shown === undefined
      ? []
      : [
          {
            label: WORDS.like,
            hint: nameOf(field, shown),
            swatch: coloursOf(field, shown, vocabulary),
            icon: 'pin',
            run: () => pin(shown),
          },
        ];
  const any = {
    label: WORDS.any,
    checked: pinned === undefined,
    separated: like.length > 0,
    run: () => pin(undefined),
  };
  const values = groupsOf(field, vocabulary).flatMap((group) =>
    group.values.map(
      ({ value, colours }, at): Item => ({
        label: nameOf(field, value),
        swatch: colours,
        columns: group.columns,
        checked: isChosen(field, pinned, value),
        separated: at === 0,
        run: () => pin(choose(field, pinned, value, group)),
      }),
    ),
  );
  return (
    <Menu
      label={`${WORDS.names[field]}: ${name}`}
      className={pinned === undefined ? 'chip' : 'chip pinned'}
      items={[...like, any, ...values]}
    >
      {pinned !== undefined && <Swatch colours={coloursOf(field, pinned, vocabulary)} />}
      <span class="cut">{pinned === undefined ? WORDS.names[field] : name}</span>
      <Icon name="down" />
    </Menu>
  );
}

/** For the menu of an image: what it shows can be kept, and let go again. */
export function keepItems(tile: Tile, { session, state }: Props): readonly Item[] {
  const vocabulary = session.vocabularyOf(tile);
  if (!vocabulary) return [];
  const shown = planShown(tile, vocabulary);
  return fieldsOf(vocabulary, shown).flatMap((field, at): Item[] => {
    const value = shown[field];
    if (value === undefined) return [];
    const isKept = isChosen(field, state.plan[field], value);
    return [
      {
        label: WORDS.keep[field],
        hint: nameOf(field, value),
        swatch: coloursOf(field, value, vocabulary),
        checked: isKept,
        separated: at === 0,
        run: () => session.pin(field, isKept ? undefined : value),
      },
    ];
  });
}
