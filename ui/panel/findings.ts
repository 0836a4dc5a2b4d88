/** An engine in words, on its card and for screen readers: whether it is there, why not, and what to do about it. */
import type { Absence, EngineId, Finding } from '../engines/offer.js';
import type { Standing } from './state.js';
import { TEXT } from './text.js';

const { engines: WORDS } = TEXT;

/** While it is looked for, what was known of it stays in view. */
export const knownOf = (standing: Standing | undefined): Finding =>
  standing?.state === 'looking' ? standing.before : (standing ?? { state: 'unasked' });

/** It is there, and waits for its code or for a better one. */
export const asksForCode = (finding: Finding) =>
  finding.state === 'unpaired' || (finding.state === 'absent' && finding.why === 'wrong-code');

/** Something went wrong that the person can do something about. What a window lacks by nature is no error. */
export const isError = (finding: Finding): boolean => finding.state === 'absent' && finding.why !== 'unsupported';

/** In a word or two. */
export function nameState(finding: Finding): string {
  if (asksForCode(finding)) return WORDS.unpaired;
  return finding.state === 'absent' && finding.why === 'unexpected' ? WORDS.unexpected : WORDS[finding.state];
}

/** What an engine page calls its device where it found no GPU. */
const ON_PROCESSOR = /^Processor/;

/** In a sentence. */
export function explain(finding: Finding, id: EngineId): string {
  switch (finding.state) {
    case 'unpaired':
      return WORDS.codeHint;
    case 'absent': {
      const here: { readonly [why in Absence]?: string } = WORDS.absencesHere[id];
      // A stopped program and a forbidden one look alike from here unless the browser says which it is.
      const why = finding.why === 'stopped' && finding.detail === 'unsure' ? 'stoppedOrPermission' : finding.why;
      return here[finding.why] ?? WORDS.absences[why];
    }
    case 'ready':
      if (id === 'page' && ON_PROCESSOR.test(finding.device)) return WORDS.pageOnProcessor;
      return [finding.device, WORDS.about[id]].filter(Boolean).join('. ');
    case 'unasked':
      return WORDS.about[id];
    default:
      return finding satisfies never;
  }
}

/** What is said when a search is over. Of one that is ready the name is enough: what it is stands on its card. */
export const announce = (finding: Finding, id: EngineId): string =>
  WORDS.announce(WORDS.names[id], nameState(finding), finding.state === 'ready' ? '' : explain(finding, id));
