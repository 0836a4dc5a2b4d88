/** What Beautiful Soup 4.15 makes of a parser's events, as far as it matters for the text of a document. */

export interface MarkupText {
  readonly text: string;
  /** Tags, comments and the like, and text that they hide. */
  readonly removed: string[];
}

/** Elements whose text is not the document's. */
const HIDDEN: ReadonlySet<string> = new Set(['rt', 'rp', 'style', 'script', 'template']);
/** Elements in which white space is kept as it is. */
const PRESERVED: ReadonlySet<string> = new Set(['pre', 'textarea']);
const VOID: ReadonlySet<string> = new Set(
  (
    'area base basefont bgsound br col command embed frame hr image img input isindex keygen link menuitem meta nextid ' +
    'param source spacer track wbr'
  ).split(' '),
);

/** A string of nothing but ASCII white space becomes one space or newline. */
export function collapse(text: string): string {
  return text !== '' && /^[ \n\t\f\r]*$/.test(text) ? (text.includes('\n') ? '\n' : ' ') : text;
}

/** What Beautiful Soup makes of the events: its stack of open tags, and the strings that count. */
export function createTree() {
  const open: string[] = [];
  // Counted beside the stack, so that thousands of open tags are not searched for each event.
  const openTags = createCounter();
  const closedVoid = createCounter();
  const removed: string[] = [];
  let pending: string[] = [];
  let text = '';

  /** Ends the string that is being collected. */
  function endData(kind: 'text' | 'character data' | 'other' = 'text'): void {
    if (pending.length === 0) return;
    const joined = pending.join('');
    pending = [];
    if (kind === 'other') return;
    // An empty string that was collected counts as white space, too.
    const shown = openTags.hasAny(PRESERVED) ? joined : joined === '' ? ' ' : collapse(joined);
    if (kind === 'text' && openTags.hasAny(HIDDEN)) removed.push(shown);
    else text += shown;
  }

  function closeTag(tag: string): void {
    endData();
    if (!openTags.has(tag)) return;
    for (let closed = open.pop(); closed !== undefined; closed = open.pop()) {
      openTags.remove(closed);
      if (closed === tag) return;
    }
  }

  return {
    data: (part: string) => pending.push(part),
    startTag(tag: string, selfClosing: boolean) {
      endData();
      open.push(tag);
      openTags.add(tag);
      if (selfClosing) closeTag(tag);
      else if (VOID.has(tag)) {
        closeTag(tag);
        closedVoid.add(tag);
      }
    },
    endTag(tag: string) {
      if (closedVoid.has(tag)) closedVoid.remove(tag);
      else closeTag(tag);
    },
    /** A string that is no text of its own: a comment, a declaration; or a CDATA section, which is. */
    special(content: string, kind: 'character data' | 'other') {
      endData();
      pending.push(content);
      endData(kind);
    },
    drop: (part: string) => removed.push(part),
    finish: (): MarkupText => {
      endData();
      return { text, removed };
    },
  };
}

function createCounter() {
  const counts = new Map<string, number>();
  const has = (key: string) => (counts.get(key) ?? 0) > 0;
  return {
    has,
    hasAny: (keys: ReadonlySet<string>) => [...keys].some(has),
    add: (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1),
    remove: (key: string) => counts.set(key, (counts.get(key) ?? 0) - 1),
  };
}

export type Tree = ReturnType<typeof createTree>;
