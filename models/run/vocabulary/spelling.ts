/** Misspelt words: the nearest known spelling, if it is near enough to be meant. */

/** Neighbours on the usual keyboards, where a finger slips. */
const ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'] as const;

/** Changes that are forgiven in a word of so many letters. Short words have too many neighbours that mean something else. */
export const forgiven = (letters: number): number => (letters >= 8 ? 2 : letters >= 4 ? 1 : 0);

/**
 * The known spelling that a word comes nearest to, or null. Both are in plain form. People rarely miss the first letter, and in
 * short words another letter usually makes another word ("horse" is not "house"), so there only a slip of the finger counts.
 */
export function nearestSpelling(word: string, spellings: readonly string[]): string | null {
  const limit = forgiven(word.length);
  if (limit === 0 || /\p{N}/u.test(word)) return null;
  let best: string | null = null;
  let least = limit + 1;
  for (const other of spellings) {
    if (other[0] !== word[0] || Math.abs(other.length - word.length) > limit || other.length < 4) continue;
    const distance = editDistance(word, other, least - 1);
    if (distance >= least) continue;
    if (word.length < 7 && isOtherLetter(word, other)) continue;
    // "hearty" is derived from the heart; "heartt" is a slip.
    if (word.startsWith(other) && word[other.length] !== other.at(-1)) continue;
    best = other;
    least = distance;
  }
  return best;
}

/** Whether one letter stands for another that is not beside it on a keyboard. */
function isOtherLetter(word: string, other: string): boolean {
  if (word.length !== other.length) return false;
  const at = [...word].findIndex((letter, index) => letter !== other[index]);
  const isSwap = word[at] === other[at + 1] && word[at + 1] === other[at];
  return !isSwap && !areNeighbours(word[at] ?? '', other[at] ?? '');
}

function areNeighbours(one: string, other: string): boolean {
  const [a, b] = [one, other].map((letter) => {
    const row = ROWS.findIndex((keys) => keys.includes(letter));
    return { row, column: (ROWS[row]?.indexOf(letter) ?? 0) + row * 0.4 };
  });
  return (
    a !== undefined &&
    b !== undefined &&
    a.row >= 0 &&
    b.row >= 0 &&
    Math.hypot(a.row - b.row, a.column - b.column) < 1.3
  );
}

/**
 * Damerau-Levenshtein distance (optimal string alignment): letters added, left out, changed, or swapped with the next.
 *
 * @param limit beyond it the result is `limit + 1`, and found sooner
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let value = Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        value = Math.min(value, (before[j - 2] ?? 0) + 1);
      next.push(value);
      least = Math.min(least, value);
    }
    if (least > limit) return limit + 1;
    before = row;
    row = next;
  }
  return row[b.length] ?? limit + 1;
}
