/** JSON out of somebody's file: as JSON.parse reads it, but names that occur twice are an error, and its size in memory is bounded. */
import { quote, type Refusal } from './error.js';

export interface JsonLimits {
  /** Objects and arrays in each other. */
  readonly depth: number;
  /** Values, all together. */
  readonly values: number;
}

/** Strings, and the characters that structure JSON; what is between them is left to JSON.parse. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{}:,]/gs;

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
      `${what} is not JSON (${error instanceof Error ? error.message.slice(0, 120) : ''}). Fetch the file again.`,
    );
  }
}

function checkStructure(text: string, what: string, limits: JsonLimits, damaged: Refusal['damaged']): void {
  /** For each open object the names so far, for each open array nothing. */
  const open: (Set<string> | undefined)[] = [];
  let values = 0;
  let last: string | undefined;
  for (const [token] of text.matchAll(TOKEN)) {
    switch (token) {
      case '{':
      case '[':
        open.push(token === '{' ? new Set() : undefined);
        values++;
        if (open.length > limits.depth) throw damaged(`${what} is nested deeper than ${limits.depth} levels.`);
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
        const name = parseName(last);
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
    if (values > limits.values) throw damaged(`${what} has more than ${limits.values} values.`);
    last = token;
  }
}

/** A name is compared as it is meant: "\u0061" is "a". */
function parseName(token: string | undefined): string | undefined {
  if (token === undefined || token[0] !== '"') return undefined;
  if (!token.includes('\\')) return token.slice(1, -1);
  try {
    return JSON.parse(token) as string;
  } catch {
    return undefined;
  }
}
