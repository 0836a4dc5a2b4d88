/** JSON out of somebody's file: as JSON.parse reads it, but names that occur twice are an error, and its size in memory is bounded. */
import { quote, type Refusal } from './error.js';

export interface JsonLimits {
  /** Objects and arrays in each other. */
  readonly depth: number;
  /** Values, all together. */
  readonly values: number;
}

/**
 * @param what What errors call the text, such as `its header`.
 * @throws CheckpointError when it is no JSON in UTF-8, names something twice in one object, or is beyond the limits.
 */
export function parseJson(bytes: Uint8Array, what: string, limits: JsonLimits, { damaged }: Refusal): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw damaged(`${what} is not UTF-8. Fetch the file again.`);
  }
  // Before JSON.parse, since that would make every value of a hostile text, and keep the last of two equal names.
  checkStructure(text, what, limits, damaged);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(
      `${what} is not JSON (${error instanceof Error ? error.message.slice(0, 120).replace(/[^ -~]/g, '?') : ''}). Fetch the file again.`,
    );
  }
}

/**
 * Goes over strings and the characters that give structure; everything between is left to JSON.parse. By hand, since a regular expression takes
 * stack for every character of a long string.
 */
function checkStructure(text: string, what: string, limits: JsonLimits, damaged: Refusal['damaged']): void {
  /** For each open object the names so far, for each open array nothing. */
  const open: (Set<string> | undefined)[] = [];
  let values = 0;
  /** The string that came last, until it is taken for a name: a hostile text could have it looked at again and again. */
  let token = '';
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        token = text.slice(at, endOfString(text, at) + 1);
        at += token.length - 1;
        break;
      case '{':
      case '[':
        open.push(text[at] === '{' ? new Set() : undefined);
        values++;
        if (open.length > limits.depth)
          throw damaged(
            `${what} is nested deeper than ${limits.depth} levels. Fetch the file again from a source you trust.`,
          );
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case ',':
        values++;
        break;
      case ':': {
        const names = open.at(-1);
        const name = parseName(token);
        token = '';
        if (names === undefined || name === undefined) break; // No JSON; JSON.parse will say so.
        if (names.has(name)) {
          throw damaged(`${what} has the name ${quote(name)} twice. Fetch the file again from a source you trust.`);
        }
        names.add(name);
        break;
      }
      default:
        break;
    }
    if (values > limits.values)
      throw damaged(`${what} has more than ${limits.values} values. Fetch the file again from a source you trust.`);
  }
}

/** Where the quotation mark is that ends the string; the end of the text when there is none. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** A name is compared as it is meant: "\u0061" is "a". */
function parseName(token: string): string | undefined {
  if (token.length < 2) return undefined;
  if (!token.includes('\\')) return token.slice(1, -1);
  try {
    return JSON.parse(token) as string;
  } catch {
    return undefined;
  }
}
