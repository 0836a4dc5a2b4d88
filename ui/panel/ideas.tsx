/** Before there are pictures: prompts that suit the model, or the classes that it knows. */
import type { Session } from './session.js';
import type { State } from './state.js';
import { TEXT } from './text.js';

/** More are no help at a glance. */
const SHOWN = { ideas: 8, classes: 24 };

export function Ideas({ session, state }: { readonly session: Session; readonly state: State }) {
  const model = session.model();
  const words = state.prompt.trim().toLowerCase();
  const matches = model?.classes?.filter((name) => name.toLowerCase().includes(words)).slice(0, SHOWN.classes);
  const choices = matches && words !== '' ? matches : (model?.ideas.slice(0, SHOWN.ideas) ?? []);
  return (
    <>
      {choices.length > 0 && (
        <section class="ideas">
          <h2>{matches && words !== '' ? TEXT.matches : TEXT.try}</h2>
          <ul>
            {choices.map((idea) => (
              <li key={idea}>
                <button type="button" class="idea" onClick={() => session.setPrompt(idea)}>
                  {idea}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {matches && choices.length === 0 && <p class="quiet">{TEXT.noMatches(state.prompt.trim())}</p>}
      <span class="space" />
      <p class="quiet">{TEXT.privacy}</p>
    </>
  );
}
