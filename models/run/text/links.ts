/**
 * Links and file names, the two rules of caption cleaning whose patterns take quadratic time: found here in one pass
 * each, with the same result.
 */
import { python } from './python.js';

const RUN = /[a-zA-Z0-9.-]+/g;
/** From the dot of "example.org/page" to the end of the link. */
const DOMAIN_END = python('\\.(?:com|co|ru|net|org|edu|gov|it)[\\w/\\-]*\\b/?(?!@)', 'y');
const BOUNDARY = python('\\b', 'y');

/**
 * What `\b(?:scheme:(?:/{1,3}|[a-zA-Z0-9%])|[a-zA-Z0-9.-]+[.](?:com|co|...)[\w/-]*\b/?(?!@))` finds is cut out.
 * @param scheme a pattern of letters: `https?` or `www`
 */
export function removeLinks(text: string, scheme: string, removed: string[]): string {
  const schemeStart = new RegExp(`${scheme}:(?:/{1,3}|[a-zA-Z0-9%])`, 'y');
  let result = '';
  let kept = 0;
  RUN.lastIndex = 0;
  for (let run = RUN.exec(text); run; run = RUN.exec(text)) {
    const end = linkEnd(text, run.index, run.index + run[0].length, schemeStart);
    if (!end) continue;
    result += text.slice(kept, end.start);
    removed.push(text.slice(end.start, end.end));
    kept = end.end;
    RUN.lastIndex = end.end;
  }
  return result + text.slice(kept);
}

/**
 * The first link in a run of letters, digits, dots and dashes. Greed makes it reach to the last dot that can carry a
 * domain.
 */
function linkEnd(text: string, from: number, to: number, scheme: RegExp): { start: number; end: number } | null {
  const run = text.slice(from, to);
  let lastDot = -1;
  let domainEnd = -1;
  for (let dot = run.lastIndexOf('.'); dot > 0; dot = run.lastIndexOf('.', dot - 1)) {
    domainEnd = matchEnd(DOMAIN_END, text, from + dot);
    if (domainEnd >= 0) {
      lastDot = from + dot;
      break;
    }
  }
  for (let start = from; start < to; start++) {
    if (matchEnd(BOUNDARY, text, start) < 0) continue;
    const schemeEnd = matchEnd(scheme, text, start);
    if (schemeEnd >= 0) return { start, end: schemeEnd };
    if (start < lastDot) return { start, end: domainEnd };
  }
  return null;
}

const FILE_EXTENSION = /\.(?:png|jpg|jpeg|bmp|webp|eps|pdf|apk|mp4)/g;
const WORD = python('\\S+', 'g');

/** What `\S+\.(?:png|jpg|...)` finds is cut out: each word up to its last such extension. */
export function removeFileNames(text: string, removed: string[]): string {
  return text.replace(WORD, (word) => {
    let end = 0;
    for (const extension of word.matchAll(FILE_EXTENSION))
      if (extension.index > 0) end = extension.index + extension[0].length;
    if (end > 0) removed.push(word.slice(0, end));
    return word.slice(end);
  });
}

function matchEnd(sticky: RegExp, text: string, index: number): number {
  sticky.lastIndex = index;
  return sticky.test(text) ? sticky.lastIndex : -1;
}
