/** Whether a prompt asks for several without saying how many: "hearts". */
import { pluralOf, stemsOf } from './endings.js';
import type { KnownItem } from './match.js';
import { keyOf } from './tokens.js';

/** Languages whose endings say nothing else of a noun; a German one may be a case. */
const TOLD_BY_ENDING: ReadonlySet<string> = new Set(['en', 'fr', 'es']);
/** Other names of one thing that are plurals by their form. */
const ONE_ALL_THE_SAME: ReadonlySet<string> = new Set(['headphones', 'boots', 'sneakers', 'notifications', 'herbs']);

/** "hearts" and "palm trees", but not "scissors", which is a name as it stands. */
export function isPlural({ key, meaning }: KnownItem, language: string): boolean {
  if (meaning.class !== 'concept' || meaning.kind === 'scene' || !TOLD_BY_ENDING.has(language)) return false;
  const names = (meaning.names[language] ?? []).map(keyOf);
  if (names[0] === key || ONE_ALL_THE_SAME.has(key)) return false;
  if (names.includes(key)) return language === 'en' && names.some((name) => pluralOf(name) === key);
  const last = key.lastIndexOf(' ') + 1;
  return stemsOf(key.slice(last), language).some((stem) => names.includes(key.slice(0, last) + stem));
}
