/** What keys mean in the panel, wherever the focus is. */

import type { Session } from './session.js';
import { runOf } from './state.js';

/**
 * Enter that ends the choice of a character in Japanese or Chinese is not ours. Safari tells of it after the composition has ended, with
 * the key code 229 alone (WebKit bug 165004).
 */
export const isComposing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229;

export const isCommand = (event: KeyboardEvent): boolean => event.ctrlKey || event.metaKey;

const isApple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);

/** A shortcut as menus and tooltips show it. */
export const shortcut = (key: string): string => (isApple ? `⌘${key}` : `Ctrl+${key}`);

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== 'radio');

/** Keys that hold for the whole panel. @returns whether the key was one of them */
export function pressInPanel(session: Session, event: KeyboardEvent): boolean {
  const state = session.store.get();
  const { run, screen, notice, removal } = state;
  if (event.key === 'Escape') {
    if (screen !== 'make') session.show('make');
    else if (run) session.stop();
    else if (notice || removal) session.dismiss();
    else return false;
    return true;
  }
  if (screen !== 'make') return false;
  if (event.key === 'Enter' && isCommand(event)) {
    session.placeChosen();
    return true;
  }
  if (isField(event.target)) return false;
  if (isCommand(event) && event.key.toLowerCase() === 'z' && removal) {
    removal.action?.run();
    return true;
  }
  const nth = isCommand(event) || event.altKey ? undefined : runOf(state, state.selected)[Number(event.key) - 1];
  if (!nth || run) return false;
  session.select(nth.key);
  return true;
}

/** Keys of one image that has the focus. @returns whether the key was one of them */
export function pressOnImage(session: Session, key: string, event: KeyboardEvent): boolean {
  const letter = event.key.toLowerCase();
  if (isCommand(event)) {
    if (letter === 'c') session.copy(key);
    else if (letter === 's') session.save(key);
    else return false;
    return true;
  }
  if (event.altKey) return false;
  if (event.key === ' ') session.enlarge(key);
  else if (event.key === 'Delete' || event.key === 'Backspace') session.remove(key);
  else if (letter === 'f') session.favour(key);
  else if (letter === 'v') session.vary(key);
  else if (letter === 'r') session.reword(key);
  else return false;
  return true;
}

/**
 * Arrow keys, Home and End among images that stand in rows, also across runs, and among items of a menu.
 *
 * @param all in their order in the document
 * @returns the one to go to, or null for another key
 */
export function neighbour(all: readonly HTMLElement[], from: HTMLElement, key: string): HTMLElement | null {
  const at = all.indexOf(from);
  if (key === 'ArrowLeft') return all[at - 1] ?? null;
  if (key === 'ArrowRight') return all[at + 1] ?? null;
  if (key === 'Home') return all[0] ?? null;
  if (key === 'End') return all.at(-1) ?? null;
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return null;
  const sign = key === 'ArrowDown' ? 1 : -1;
  // Where it begins, so that from one as wide as all columns it goes to the first of them.
  const place = (element: HTMLElement) => {
    const { left, top, height } = element.getBoundingClientRect();
    return { x: left, y: top + height / 2 };
  };
  const here = place(from);
  const further = all
    .map((element) => ({ element, x: place(element).x - here.x, y: (place(element).y - here.y) * sign }))
    .filter(({ y }) => y > 4)
    .sort((a, b) => a.y - b.y || Math.abs(a.x) - Math.abs(b.x));
  return further[0]?.element ?? null;
}
