/**
 * The text of a piece of HTML, as `BeautifulSoup(markup, features='html.parser').text` gives it: Python 3.11's
 * html.parser with its own ways of dealing with broken markup, and Beautiful Soup 4.15's rules of what counts as text.
 *
 * The parser reads twice, as Python's `feed` and `close` do: the first reading stops where more input could still
 * complete a construct, the second takes what is left for what it is.
 */
import { namedCharacter, numberedCharacter } from './entities.js';
import { collapse, createTree, type MarkupText, type Tree } from './markup-tree.js';
import { python, strip } from './python.js';

const TAG_NAME = python('([a-zA-Z][^\\t\\n\\r\\f />\\x00]*)(?:\\s|/(?!>))*', 'y');
const ATTRIBUTE_VALUE = '(?:\'[^\']*\'|"[^"]*"|(?![\'"])[^>\\s]*)';
const ATTRIBUTE = python(`(?<=['"\\s/])[^\\s/>][^\\s/=>]*(?:\\s*=+\\s*${ATTRIBUTE_VALUE})?(?:\\s|/(?!>))*`, 'y');
const START_TAG = python(
  '<[a-zA-Z][^\\t\\n\\r\\f />\\x00]*' +
    `(?:[\\s/]*(?:(?<=['"\\s/])[^\\s/>][^\\s/=>]*(?:\\s*=+\\s*${ATTRIBUTE_VALUE}\\s*)?(?:\\s|/(?!>))*)*)?\\s*`,
  'y',
);
const END_TAG = python('</\\s*([a-zA-Z][\\-.a-zA-Z0-9:_]*)\\s*>', 'y');
const OF_INTEREST = /[&<]/g;
const CLOSE = />/g;
const COMMENT_END = python('--\\s*>', 'g');
const SECTION_END = python('\\]\\s*\\]\\s*>', 'g');
const OFFICE_SECTION_END = python('\\]\\s*>', 'g');
const SECTION_NAME = python('[a-zA-Z][\\-_.a-zA-Z0-9]*\\s*', 'y');
const NUMBER_REFERENCE = /&#([0-9]+|[xX][0-9a-fA-F]+)[^0-9a-fA-F]/uy;
const NAME_REFERENCE = /&([a-zA-Z][-.a-zA-Z0-9]*)[^a-zA-Z0-9]/uy;

/** Thrown where html.parser gives up with an AssertionError. */
class Rejected extends Error {}

/**
 * Markup that html.parser refuses ("<![x" and the like, on which the authors' code fails) is returned as it is.
 */
export function textOfMarkup(markup: string): MarkupText {
  if (!/[<&]/.test(markup)) return { text: collapse(markup), removed: [] };
  const tree = createTree();
  try {
    const reader = createReader(markup, tree);
    reader.read(false);
    reader.read(true);
  } catch (error) {
    if (error instanceof Rejected) return { text: markup, removed: [] };
    throw error;
  }
  return tree.finish();
}

function createReader(markup: string, tree: Tree) {
  const length = markup.length;
  let at = 0;
  /** "script" or "style": everything up to its end tag is its content. */
  let rawElement: string | null = null;
  // Asked for every "<" of a text that has thousands: whether looking for an end is worth it.
  const lastClose = markup.lastIndexOf('>');
  const lastNul = markup.lastIndexOf('\0');
  const notFound = new Set<RegExp>();

  return { read };

  function read(isEnd: boolean): void {
    while (at < length) {
      const next = nextOfInterest();
      if (next < 0 && rawElement !== null) break;
      const stop = next < 0 ? length : next;
      if (at < stop) tree.data(markup.slice(at, stop));
      at = stop;
      if (at === length) break;
      if (!(markup[at] === '<' ? readMarkup(isEnd) : readReference(isEnd))) break;
    }
    if (isEnd && at < length && rawElement === null) {
      tree.data(markup.slice(at));
      at = length;
    }
  }

  function nextOfInterest(): number {
    return searchFrom(rawElement === null ? OF_INTEREST : python(`</\\s*${rawElement}\\s*>`, 'gi'), at)?.index ?? -1;
  }

  /** Reads what begins with "<". False where reading must stop. */
  function readMarkup(isEnd: boolean): boolean {
    const start = at;
    let end: number;
    if (/[a-zA-Z]/.test(markup[at + 1] ?? '')) end = readStartTag();
    else if (markup.startsWith('</', at)) end = readEndTag();
    else if (markup.startsWith('<!--', at)) end = readUntil(COMMENT_END, 4);
    else if (markup.startsWith('<?', at)) end = readUntil(CLOSE, 2);
    else if (markup.startsWith('<!', at)) end = readDeclaration();
    else if (at + 1 < length) {
      tree.data('<');
      at += 1;
      return true;
    } else return false;
    if (end < 0) {
      if (!isEnd) return false;
      // It never ends: text, up to the next ">" or, where there is none, the next "<".
      const close = nextClose(start + 1);
      const open = close < 0 ? markup.indexOf('<', start + 1) : -1;
      end = close >= 0 ? close + 1 : open >= 0 ? open : start + 1;
      tree.data(markup.slice(start, end));
    }
    at = end;
    return true;
  }

  /** @returns the end of the tag, or -1 when it has none */
  function readStartTag(): number {
    const end = endOfStartTag();
    if (end < 0) return end;
    const name = matchAt(TAG_NAME, at + 1) as RegExpExecArray;
    let rest = at + 1 + name[0].length;
    while (rest < end) {
      const attribute = matchAt(ATTRIBUTE, rest);
      if (!attribute) break;
      rest += attribute[0].length;
    }
    const close = strip(markup.slice(rest, end));
    if (close !== '>' && close !== '/>') {
      tree.data(markup.slice(at, end));
      return end;
    }
    const tag = (name[1] as string).toLowerCase();
    tree.drop(markup.slice(at, end));
    tree.startTag(tag, close === '/>');
    if (close === '>' && (tag === 'script' || tag === 'style')) rawElement = tag;
    return end;
  }

  function endOfStartTag(): number {
    // Without a ">" ahead a tag never ends (but a NUL ends its name); many "<a <a <a" would each be read to the end.
    if (at > lastClose && at > lastNul) return -1;
    const end = at + (matchAt(START_TAG, at) as RegExpExecArray)[0].length;
    const next = markup[end];
    if (next === '>') return end + 1;
    if (next === '/') return markup[end + 1] === '>' ? end + 2 : -1;
    if (next === undefined || /[a-zA-Z=]/.test(next)) return -1;
    return end > at ? end : at + 1;
  }

  function readEndTag(): number {
    const close = nextClose(at + 1);
    if (close < 0) return -1;
    const whole = matchAt(END_TAG, at);
    if (whole) {
      const tag = (whole[1] as string).toLowerCase();
      if (rawElement !== null && tag !== rawElement) {
        tree.data(markup.slice(at, close + 1));
        return close + 1;
      }
      tree.drop(whole[0]);
      tree.endTag(tag);
      rawElement = null;
      return close + 1;
    }
    if (rawElement !== null) {
      tree.data(markup.slice(at, close + 1));
      return close + 1;
    }
    const name = matchAt(TAG_NAME, at + 2);
    if (!name) {
      tree.drop(markup.slice(at, close + 1));
      if (close > at + 2) tree.special(markup.slice(at + 2, close), 'other');
      return close + 1;
    }
    const end = markup.indexOf('>', at + 2 + name[0].length) + 1;
    tree.drop(markup.slice(at, end));
    tree.endTag((name[1] as string).toLowerCase());
    return end;
  }

  /** Comments and processing instructions: from `skip` characters on to the end that `close` finds. */
  function readUntil(close: RegExp, skip: number): number {
    const found = searchFrom(close, at + skip);
    if (!found) return -1;
    const end = found.index + found[0].length;
    tree.drop(markup.slice(at, end));
    tree.special(markup.slice(at + skip, found.index), 'other');
    return end;
  }

  function readDeclaration(): number {
    if (markup.startsWith('<![', at)) return readSection();
    const isDocumentType = markup.slice(at, at + 9).toLowerCase() === '<!doctype';
    return readUntil(CLOSE, isDocumentType ? 9 : 2);
  }

  function readSection(): number {
    if (at + 3 === length) return -1;
    const name = matchAt(SECTION_NAME, at + 3);
    if (!name) throw new Rejected();
    if (at + 3 + name[0].length === length) return -1;
    const keyword = strip(name[0]).toLowerCase();
    const isStandard = ['temp', 'cdata', 'ignore', 'include', 'rcdata'].includes(keyword);
    if (!isStandard && !['if', 'else', 'endif'].includes(keyword)) throw new Rejected();
    const found = searchFrom(isStandard ? SECTION_END : OFFICE_SECTION_END, at + 3);
    if (!found) return -1;
    const content = markup.slice(at + 3, found.index);
    const end = found.index + found[0].length;
    if (content.toUpperCase().startsWith('CDATA[')) tree.special(content.slice(6), 'character data');
    else {
      tree.drop(markup.slice(at, end));
      tree.special(content, 'other');
    }
    return end;
  }

  /** Reads what begins with "&". False where reading must stop. */
  function readReference(isEnd: boolean): boolean {
    if (markup[at + 1] === '#') {
      const match = matchAt(NUMBER_REFERENCE, at);
      if (match) {
        const digits = match[1] as string;
        tree.data(numberedCharacter(/^x/i.test(digits) ? Number.parseInt(digits.slice(1), 16) : Number(digits)));
        at = endOfReference(match);
        return true;
      }
      if (markup.includes(';', at)) {
        tree.data('&#');
        at += 2;
      }
      return false;
    }
    const match = matchAt(NAME_REFERENCE, at);
    if (match) {
      const name = match[1] as string;
      tree.data(namedCharacter(name) ?? `&${name}`);
      at = endOfReference(match);
      return true;
    }
    if (/[a-zA-Z]/.test(markup[at + 1] ?? '')) {
      // html.parser loses the "&" of a last "&x", and takes a longer name at the end for text.
      if (isEnd && at + 2 === length) at += 1;
      return false;
    }
    if (at + 1 < length) {
      tree.data('&');
      at += 1;
      return true;
    }
    return false;
  }

  /** A reference takes the semicolon behind it along, and no other character. */
  function endOfReference(match: RegExpExecArray): number {
    const end = at + match[0].length;
    const last = [...match[0]].at(-1) as string;
    return last === ';' ? end : end - last.length;
  }

  function matchAt(sticky: RegExp, index: number): RegExpExecArray | null {
    sticky.lastIndex = index;
    return sticky.exec(markup);
  }

  /** For ever later indices: what was not found once is not looked for again. */
  function searchFrom(global: RegExp, index: number): RegExpExecArray | null {
    if (notFound.has(global)) return null;
    global.lastIndex = index;
    const found = global.exec(markup);
    if (!found) notFound.add(global);
    return found;
  }

  function nextClose(index: number): number {
    return index > lastClose ? -1 : markup.indexOf('>', index);
  }
}
