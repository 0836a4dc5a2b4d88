/** Which colours the next images get, and the field for a palette of one's own. */
import { coloursOfFile, coloursTyped, otherColours } from './colours.js';
import { Icon } from './icons.js';
import { type Item, Menu, Swatch } from './menu.js';
import type { Session } from './session.js';
import type { State, Tile } from './state.js';
import { TEXT } from './text.js';

const { colours: WORDS } = TEXT;

/** More are a blur at the size of a swatch. */
const SHOWN = 6;

type Props = { readonly session: Session; readonly state: State };

export function ColoursChip({ session, state }: Props) {
  const { colours, palette } = state.settings;
  const own = { drawn: [], file: coloursOfFile(state), palette: coloursTyped(palette) };
  const item = (name: typeof colours, hint: string): Item => ({
    label: WORDS.names[name],
    hint,
    swatch: own[name].slice(0, SHOWN).map((hex) => hex.slice(1)),
    checked: name === colours,
    disabled: name === 'file' && own.file.length < 2,
    run: () => session.change({ colours: name }),
  });
  const name = WORDS.names[colours];
  return (
    <Menu
      label={`${WORDS.label}: ${name}`}
      className={colours === 'drawn' ? 'chip' : 'chip pinned'}
      onOpen={session.readColours}
      items={[
        item('drawn', WORDS.drawnHint),
        item('file', own.file.length < 2 ? WORDS.fileNone : WORDS.fileHint(own.file.length)),
        item('palette', own.palette.length === 0 ? WORDS.paletteHint : WORDS.many(own.palette.length)),
      ]}
    >
      <Swatch colours={own[colours].slice(0, SHOWN).map((hex) => hex.slice(1))} />
      <span class="cut">{colours === 'drawn' ? WORDS.label : name}</span>
      <Icon name="down" />
    </Menu>
  );
}

export function PaletteField({ session, state }: Props) {
  const { colours, palette } = state.settings;
  if (colours !== 'palette') return null;
  const isWrong = palette.trim() !== '' && coloursTyped(palette).length === 0;
  return (
    <label class="palette">
      <span class="hidden">{WORDS.field}</span>
      <input
        value={palette}
        placeholder={WORDS.example}
        spellcheck={false}
        aria-invalid={isWrong}
        onInput={(event) => session.change({ palette: event.currentTarget.value.slice(0, 1000) })}
      />
      {isWrong && <small role="status">{WORDS.wrong}</small>}
    </label>
  );
}

/** For the menu of an image: the same image in other colours, or in its own again. */
export function coloursItem(tile: Tile, { session, state }: Props): readonly Item[] {
  const other = session.isFlat(tile.key) ? otherColours(state, tile) : null;
  if (!other) return [];
  const label = other.length === 0 ? WORDS.back : state.settings.colours === 'palette' ? WORDS.give : WORDS.giveFile;
  return [{ label, icon: 'sliders', run: () => session.recolour(tile.key) }];
}
