/** Before there are pictures: prompts that suit the model; for models that draw classes, those that the words could mean. */
import type { Session } from './session.js';
import type { State } from './state.js';
import { TEXT } from './text.js';

/** More are no help at a glance. */
const SHOWN = { ideas: 10, classes: 24 };

type Props = { readonly session: Session; readonly state: State };

export function Ideas({ session, state }: Props) {
  const ideas = session.model()?.ideas.slice(0, SHOWN.ideas) ?? [];
  return (
    <>
      {ideas.length > 0 && !isSearching(session, state) && (
        <Choices title={TEXT.try} words={ideas} run={session.generateWords} />
      )}
      <span class="space" />
      <p class="quiet">{TEXT.privacy}</p>
    </>
  );
}

/** Whether words are being looked for among the names that the model knows. */
export function isSearching(session: Session, state: State): boolean {
  const words = fold(state.prompt);
  const classes = session.model()?.classes;
  return classes != null && !state.run && words !== '' && !classes.some((name) => fold(name) === words);
}

/** Names that begin with the words come first. */
export function Matches({ session, state }: Props) {
  const words = fold(state.prompt);
  const all = session.model()?.classes?.filter((name) => fold(name).includes(words)) ?? [];
  const [first, second] = [true, false].map((begins) => all.filter((name) => fold(name).startsWith(words) === begins));
  const shown = [...(first ?? []), ...(second ?? [])].slice(0, SHOWN.classes);
  if (shown.length === 0) return <p class="quiet">{TEXT.noMatches(state.prompt.trim())}</p>;
  return <Choices title={TEXT.matches(all.length)} words={shown} run={session.setPrompt} />;
}

const fold = (words: string) => words.trim().toLowerCase();

function Choices(props: {
  readonly title: string;
  readonly words: readonly string[];
  readonly run: (words: string) => void;
}) {
  return (
    <section class="ideas">
      <h2>{props.title}</h2>
      <ul>
        {props.words.map((words) => (
          <li key={words}>
            <button type="button" class="idea" onClick={() => props.run(words)}>
              {words}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
