/** Where pictures are made: what was found, why not, and what to do about it. Nothing is sent before a button is pressed. */
import { useState } from 'preact/hooks';
import type { EngineId, EngineOffer, Finding } from '../engines/offer.js';
import type { Session } from './session.js';
import { Sheet } from './sheet.js';
import { type State, speedKey } from './state.js';
import { TEXT } from './text.js';

const { engines: WORDS } = TEXT;

export function Engines({ session, state }: { readonly session: Session; readonly state: State }) {
  return (
    <Sheet title={WORDS.title} close={() => session.show('make')}>
      <ul class="cards">
        {session.offers.map((offer) => (
          <Engine key={offer.id} offer={offer} session={session} state={state} />
        ))}
      </ul>
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
  const finding = state.findings[id] ?? { state: 'unasked' };
  const chosen = session.engine()?.id === id;
  const name = WORDS.names[id];
  return (
    <li class={chosen ? 'card chosen' : 'card'} aria-current={chosen}>
      <div class="line">
        <h3>{name}</h3>
        <span class="space" />
        <span class="quiet number">{standing(finding, id, session, state)}</span>
      </div>
      <p>{explain(finding, id)}</p>
      {asksForCode(finding) && <Pairing id={id} session={session} />}
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
          <button
            type="button"
            class={finding.state === 'unasked' ? 'button primary' : 'button'}
            aria-label={`${finding.state === 'unasked' ? WORDS.look : WORDS.lookAgain}: ${name}`}
            onClick={() => void session.look(id)}
          >
            {finding.state === 'unasked' ? WORDS.look : WORDS.lookAgain}
          </button>
        )}
      </div>
    </li>
  );
}

function Pairing({ id, session }: { readonly id: EngineId; readonly session: Session }) {
  const [code, setCode] = useState('');
  return (
    <form
      class="pairing"
      onSubmit={(event) => {
        event.preventDefault();
        if (code.trim() !== '') void session.pair(id, code.trim());
      }}
    >
      <input
        class="code"
        aria-label={WORDS.codeLabel}
        value={code}
        maxLength={40}
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        onInput={(event) => setCode(event.currentTarget.value)}
      />
      <button type="submit" class="button primary" disabled={code.trim() === ''}>
        {WORDS.pair}
      </button>
    </form>
  );
}

/** It is there, and waits for its code or for a better one. */
const asksForCode = (finding: Finding) =>
  finding.state === 'unpaired' || (finding.state === 'absent' && finding.why === 'wrong-code');

function standing(finding: Finding, id: EngineId, session: Session, state: State): string {
  if (finding.state === 'looking') return WORDS.looking;
  if (asksForCode(finding)) return WORDS.unpaired;
  if (finding.state !== 'ready') return WORDS[finding.state];
  const model = finding.models[0];
  const speed = model && state.settings.speeds[speedKey(id, model.id, session.quality())];
  return speed ? WORDS.perPicture(TEXT.seconds(speed)) : WORDS.ready;
}

function explain(finding: Finding, id: EngineId): string {
  switch (finding.state) {
    case 'unpaired':
      return WORDS.codeHint;
    case 'absent':
      // A stopped program and a forbidden one look alike from here unless the browser says which it is.
      return finding.why === 'stopped' && finding.detail === 'unsure'
        ? WORDS.absences.stoppedOrPermission
        : WORDS.absences[finding.why];
    case 'ready':
      return [finding.device, WORDS.about[id]].filter(Boolean).join('. ');
    case 'looking':
    case 'unasked':
      return WORDS.about[id];
    default:
      return finding satisfies never;
  }
}
