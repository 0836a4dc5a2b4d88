/** Where pictures are made: what was found, why not, and what to do about it. Nothing is sent before a button is pressed. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { EngineId, EngineOffer, Finding } from '../engines/offer.js';
import { asksForCode, explain, isError, knownOf, nameState } from './findings.js';
import { Icon } from './icons.js';
import { NoticeBox } from './notice.js';
import type { Session } from './session.js';
import { Sheet } from './sheet.js';
import { isAboutEngines, type State, speedKey } from './state.js';
import { TEXT } from './text.js';

const { engines: WORDS } = TEXT;

export function Engines({ session, state }: { readonly session: Session; readonly state: State }) {
  const companion = session.offers.filter(({ id }) => id === 'companion');
  const others = session.offers.filter(({ id }) => id !== 'companion');
  const list = (offers: readonly EngineOffer[]) => (
    <ul class="cards">
      {offers.map((offer) => (
        <Engine key={offer.id} offer={offer} session={session} state={state} />
      ))}
    </ul>
  );
  return (
    <Sheet title={WORDS.title} close={() => session.show('make')}>
      {state.notice && isAboutEngines(state.notice) && <NoticeBox notice={state.notice} dismiss={session.dismiss} />}
      {list(companion)}
      {companion.length > 0 && others.length > 0 && <h3 class="quiet">{WORDS.others}</h3>}
      {list(others)}
      <Automatic session={session} state={state} />
      <span class="space" />
      <p class="quiet">{TEXT.privacy}</p>
    </Sheet>
  );
}

/** Whether the quickest draws or the one that was chosen: a question only where there are several. */
function Automatic({ session, state }: { readonly session: Session; readonly state: State }) {
  const ready = session.offers.filter(({ id }) => state.findings[id]?.state === 'ready');
  if (ready.length < 2) return null;
  if (state.settings.fastest) return <p class="quiet">{WORDS.fastest}</p>;
  return (
    <p class="quiet">
      {WORDS.insisted}{' '}
      <button type="button" class="button" onClick={() => session.change({ fastest: true })}>
        {WORDS.useFastest}
      </button>
    </p>
  );
}

type Props = { readonly offer: EngineOffer; readonly session: Session; readonly state: State };

function Engine({ offer, session, state }: Props) {
  const { id } = offer;
  const standing = state.findings[id];
  const looking = standing?.state === 'looking';
  const finding = knownOf(standing);
  const chosen = session.engine()?.id === id;
  // One thing to do first: the companion. The others work without being asked.
  const isMain = id === 'companion';
  const name = WORDS.names[id];
  const look = finding.state === 'unasked' ? WORDS.look : WORDS.lookAgain;
  const card = useRef<HTMLLIElement>(null);
  const looked = useRef(false);
  // What was pressed is gone once the engine is found; whoever uses the keyboard goes on from its card.
  useEffect(() => {
    if (looked.current && !looking && document.activeElement === document.body) card.current?.focus();
    looked.current = looking;
  }, [looking]);
  return (
    <li
      ref={card}
      tabIndex={-1}
      class={`card ${isMain ? 'main' : 'other'}${chosen ? ' chosen' : ''}`}
      aria-current={chosen}
      aria-busy={looking}
    >
      <div class="line">
        <h3>{name}</h3>
        <span class="space" />
        <span class="quiet number">{looking ? WORDS.looking : measure(finding, id, session, state)}</span>
      </div>
      {isError(finding) ? (
        <p class="error" id={`why-${id}`}>
          <Icon name="warn" />
          <span>{explain(finding, id)}</span>
        </p>
      ) : (
        <p id={`why-${id}`}>{explain(finding, id)}</p>
      )}
      {asksForCode(finding) && (
        <Pairing id={id} session={session} looking={looking} wrong={finding.state === 'absent'} />
      )}
      <div class="line">
        {chosen && <span class="chosen-mark">{WORDS.chosen}</span>}
        <span class="space" />
        {finding.state === 'ready' && !chosen && (
          <button
            type="button"
            class="button"
            aria-label={`${WORDS.choose} ${name}`}
            onClick={() => session.change({ engine: id, fastest: false })}
          >
            {WORDS.choose}
          </button>
        )}
        {(finding.state === 'unasked' || finding.state === 'absent') && !asksForCode(finding) && (
          // It stays while it looks, and the keyboard with it.
          <button
            type="button"
            class={isMain ? 'button primary' : 'button'}
            aria-label={`${look}: ${name}`}
            aria-disabled={looking}
            onClick={() => {
              if (!looking) void session.look(id);
            }}
          >
            {look}
          </button>
        )}
      </div>
    </li>
  );
}

type PairingProps = {
  readonly id: EngineId;
  readonly session: Session;
  readonly looking: boolean;
  /** The code of before was not the right one. */
  readonly wrong: boolean;
};

function Pairing({ id, session, looking, wrong }: PairingProps) {
  const [code, setCode] = useState('');
  const field = useRef<HTMLInputElement>(null);
  // It appears to be typed into; after a wrong code that one is selected, so that typing replaces it and an arrow key keeps it.
  useEffect(() => {
    if (looking) return;
    field.current?.focus();
    field.current?.select();
  }, [looking]);
  return (
    <form
      class="pairing"
      onSubmit={(event) => {
        event.preventDefault();
        if (code.trim() === '') field.current?.focus();
        else if (!looking) void session.pair(id, code.trim());
      }}
    >
      <input
        ref={field}
        class="code"
        aria-label={WORDS.codeLabel}
        aria-invalid={wrong}
        aria-describedby={`why-${id}`}
        value={code}
        maxLength={40}
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        onInput={(event) => setCode(event.currentTarget.value)}
      />
      <button type="submit" class="button primary" aria-disabled={looking}>
        {WORDS.pair}
      </button>
    </form>
  );
}

/** How fast it is, or how it stands. */
function measure(finding: Finding, id: EngineId, session: Session, state: State): string {
  const model = finding.state === 'ready' ? finding.models[0] : undefined;
  const speed = model && state.settings.speeds[speedKey(id, model.id, session.quality())];
  return speed ? WORDS.perPicture(TEXT.seconds(speed)) : nameState(finding);
}
