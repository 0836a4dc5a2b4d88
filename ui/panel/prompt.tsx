/** The field for the words, with what they will make inside it: model, target, number. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { countLines, faultOf } from '../../models/wildcards.js';
import { Icon } from './icons.js';
import { isCommand, isComposing } from './keys.js';
import { promptForLayers } from './layer-words.js';
import { Menu } from './menu.js';
import type { Session } from './session.js';
import { countOf, placeOf, type State } from './state.js';
import { TEXT } from './text.js';
import { Instead, type Marked, markedOf, Underlines, useCaret } from './words.js';

/** Lines beyond this scroll. Pixels. */
const TALLEST = 144;

type Props = { readonly session: Session; readonly state: State };

export function Prompt({ session, state }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  /** Which of the recent prompts is shown; -1 is what the person wrote. */
  const [recalled, setRecalled] = useState(-1);
  const written = useRef('');
  const { prompt, settings, run } = state;
  const place = placeOf(state);

  useLayoutEffect(() => {
    const box = field.current;
    if (!box) return;
    box.style.height = '0';
    box.style.height = `${Math.min(TALLEST, box.scrollHeight)}px`;
  }, [prompt]);
  useEffect(() => field.current?.focus(), []);
  // "Reword" hands over the words of a picture: all of them selected, so that typing replaces them and an arrow key keeps them.
  useEffect(() => {
    if (state.wording === 0) return;
    field.current?.focus();
    field.current?.select();
  }, [state.wording]);

  const bringBack = (to: number) => {
    if (recalled < 0) written.current = prompt;
    setRecalled(to);
    session.setPrompt(to < 0 ? written.current : (settings.recent[to] ?? ''));
  };
  const press = (event: KeyboardEvent) => {
    const box = field.current;
    // With Ctrl or Cmd it places, which is heard further out.
    if (!box || isComposing(event) || isCommand(event)) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      setRecalled(-1);
      void session.generate();
    } else if (event.key === 'ArrowUp' && (prompt === '' || recalled >= 0) && recalled + 1 < settings.recent.length) {
      event.preventDefault();
      bringBack(recalled + 1);
    } else if (event.key === 'ArrowDown' && recalled >= 0) {
      event.preventDefault();
      bringBack(recalled - 1);
    }
  };
  const reading = session.reading();
  const caret = useCaret(field, prompt);
  /** Where the word under the pointer begins. */
  const [pointed, setPointed] = useState<number | null>(null);
  // The word that is being typed is not wrong yet.
  const marked = useMemo(
    () => (reading ? markedOf(reading).filter(({ end }) => caret.pauses || caret.at !== end) : []),
    [reading, caret.pauses, caret.at],
  );
  const isUnderCaret = ({ start, end }: Marked) => caret.at !== null && start <= caret.at && caret.at <= end;
  const word = marked.find(({ start }) => start === pointed) ?? marked.find(isUnderCaret) ?? marked[0];
  const replace = (name: string) => {
    if (!word) return;
    const end = word.start + name.length;
    session.setPrompt(prompt.slice(0, word.start) + name + prompt.slice(word.end));
    setPointed(null);
    // Once the field has the new words.
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(end, end);
    });
  };
  const fault = caret.pauses ? faultOf(prompt) : null;
  const lines = faultOf(prompt) === null ? countLines(prompt) : 1;
  const each = promptForLayers(state);
  const batch =
    fault ?? each?.split('\n').join(' · ') ?? (lines > 1 ? TEXT.batch(lines, lines * countOf(state)) : null);
  const hint =
    session.model()?.classes != null
      ? TEXT.promptClass
      : place.layers > 1
        ? TEXT.promptForMany(place.layers)
        : place.name
          ? TEXT.promptFor(place.name)
          : TEXT.promptForNone;
  return (
    <div class="prompt">
      <div class="field">
        {marked.length > 0 && <Underlines field={field} prompt={prompt} marked={marked} onPoint={setPointed} />}
        <textarea
          ref={field}
          rows={2}
          dir="auto"
          value={prompt}
          placeholder={hint}
          aria-label={TEXT.promptLabel}
          spellcheck={false}
          onInput={(event) => {
            setRecalled(-1);
            session.setPrompt(event.currentTarget.value);
          }}
          onKeyDown={press}
          onPointerLeave={() => setPointed(null)}
          aria-describedby={word ? 'instead' : undefined}
        />
      </div>
      {word && <Instead word={word} replace={replace} />}
      {batch && <p class="quiet batch">{batch}</p>}
      <div class="tools">
        <ModelChip session={session} />
        <TargetChip session={session} state={state} />
        {place.layers <= 1 && <CountChip session={session} state={state} />}
        <button
          type="button"
          class="square narrow-only"
          aria-expanded={state.optionsOpen}
          aria-controls="options"
          aria-label={TEXT.options}
          title={TEXT.options}
          onClick={() => session.unfold(!state.optionsOpen)}
        >
          <Icon name="sliders" />
        </button>
        <span class="space" />
        {run ? (
          <button type="button" class="button" onClick={session.stop} disabled={run.stopping}>
            {run.stopping ? TEXT.stopping : TEXT.stop}
            <span class="key" aria-hidden="true">
              {TEXT.escape}
            </span>
          </button>
        ) : (
          <button type="button" class="button primary" onClick={() => void session.generate()}>
            {TEXT.generate}
            <span class="key" aria-hidden="true">
              {TEXT.enter}
            </span>
          </button>
        )}
      </div>
    </div>
  );
}

function ModelChip({ session }: { readonly session: Session }) {
  const models = session.models();
  const model = session.model();
  // With no engine yet there is nothing to choose from.
  if (!model) return null;
  return (
    <Menu
      label={`${TEXT.model}: ${model.name}`}
      className="chip"
      items={models.map(({ id, name, description, licence }) => ({
        label: name,
        hint: [description, licence].filter(Boolean).join(' · '),
        checked: id === model.id,
        run: () => session.change({ model: id }),
      }))}
    >
      <span class="narrow-only">
        <Icon name="model" />
      </span>
      <span class="cut">{model.name}</span>
      <Icon name="down" />
    </Menu>
  );
}

function TargetChip({ session, state }: Props) {
  const place = placeOf(state);
  const { settings, targets } = state;
  const name = place.name ?? (place.layers > 1 ? TEXT.manyLayers(place.layers) : TEXT.newFrame);
  const fill = targets.length === 1 ? TEXT.fillSelection(targets[0]?.name ?? '') : TEXT.fillMany(state.total);
  return (
    <Menu
      label={`${TEXT.target}: ${name}`}
      className="chip target"
      items={[
        ...(targets.length > 0
          ? [
              {
                label: fill,
                checked: settings.where === 'selection',
                run: () => session.change({ where: 'selection' }),
              },
            ]
          : []),
        {
          label: TEXT.besideSelection,
          checked: settings.where === 'beside' || targets.length === 0,
          run: () => session.change({ where: 'beside' }),
        },
        {
          label: TEXT.layerWords,
          hint: TEXT.layerWordsHint,
          checked: settings.layerWords,
          disabled: targets.length < 2,
          separated: true,
          run: () => session.change({ layerWords: !settings.layerWords }),
        },
        {
          label: TEXT.straight,
          checked: settings.straight,
          separated: true,
          run: () => session.change({ straight: !settings.straight }),
        },
      ]}
    >
      <Icon name={place.layers === 0 ? 'plus' : 'frame'} />
      <span class="cut">{name}</span>
    </Menu>
  );
}

function CountChip({ session, state }: Props) {
  const count = countOf(state);
  return (
    <Menu
      label={`${TEXT.count}: ${count}`}
      className="chip"
      items={[1, 2, 3, 4].map((number) => ({
        label: TEXT.pictures(number),
        checked: number === count,
        run: () => session.change({ count: number }),
      }))}
    >
      <span>×{count}</span>
    </Menu>
  );
}
