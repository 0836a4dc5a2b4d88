/**
 * Dimensions of shapes: numbers, or sums of products of symbols (`n+B*S`), so that shapes which are only known when the
 * graph runs can still be checked while it is built. A dimension is kept in one canonical spelling: equal means `===`.
 */

/** A length, or an expression over symbols: `'B'`, `'B*S'`, `'n+2*B*S'`, `'P+S-1'`. */
export type Dimension = number | string;
export type Shape = readonly Dimension[];

/** Product of symbols, sorted and joined by `*` (the empty string for none) -> coefficient, never 0. */
type Polynomial = ReadonlyMap<string, number>;

const SYMBOL = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function addDimensions(a: Dimension, b: Dimension): Dimension {
  return typeof a === 'number' && typeof b === 'number' ? a + b : format(sum(parse(a), parse(b)));
}

export function subtractDimensions(a: Dimension, b: Dimension): Dimension {
  return addDimensions(a, multiplyDimensions(b, -1));
}

export function multiplyDimensions(a: Dimension, b: Dimension): Dimension {
  return typeof a === 'number' && typeof b === 'number' ? a * b : format(product(parse(a), parse(b)));
}

/** Number of elements of a shape. */
export function countElements(shape: Shape): Dimension {
  return shape.reduce<Dimension>(multiplyDimensions, 1);
}

/** `a / b` where `b` is one product; undefined where the division leaves a rest. */
export function divideDimensions(a: Dimension, b: Dimension): Dimension | undefined {
  const divisor = [...parse(b)];
  const [term] = divisor;
  if (!term || divisor.length > 1) return a === b ? 1 : undefined;
  const [symbols, coefficient] = term;
  const quotient = new Map<string, number>();
  for (const [product, count] of parse(a)) {
    const rest = removeSymbols(product, symbols);
    if (rest === undefined || count % coefficient !== 0) return undefined;
    quotient.set(rest, count / coefficient);
  }
  return format(quotient);
}

/** The canonical spelling. Throws a RangeError for what is no length and no expression over symbols. */
export function normalizeDimension(dimension: Dimension): Dimension {
  if (typeof dimension === 'number') {
    if (!Number.isSafeInteger(dimension) || dimension < 0) throw new RangeError(`${dimension} is not a length`);
    return dimension;
  }
  return format(parse(dimension));
}

/** `[B, S, 64]` */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

function parse(dimension: Dimension): Polynomial {
  if (typeof dimension === 'number') return new Map(dimension === 0 ? [] : [['', dimension]]);
  let result: Polynomial = new Map();
  // A sign begins a term: "a-2*b" becomes "a", "-2*b".
  for (const term of dimension.replaceAll(' ', '').replaceAll('-', '+-').split('+')) {
    if (term === '' && dimension.trimStart().startsWith('-')) continue;
    let coefficient = term.startsWith('-') ? -1 : 1;
    const symbols: string[] = [];
    for (const factor of term.replace(/^-/, '').split('*')) {
      if (/^\d+$/.test(factor)) coefficient *= Number(factor);
      else if (SYMBOL.test(factor)) symbols.push(factor);
      else throw new RangeError(`"${dimension}" is not a sum of products of symbols and whole numbers`);
    }
    result = sum(result, new Map([[symbols.sort().join('*'), coefficient]]));
  }
  return result;
}

function format(polynomial: Polynomial): Dimension {
  // Constants go last, the rest by name: "B*S+n-1".
  const terms = [...polynomial].sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1));
  if (terms.every(([symbols]) => symbols === '')) return terms[0]?.[1] ?? 0;
  return terms
    .map(([symbols, count], index) => {
      const size = Math.abs(count);
      const text = symbols === '' ? `${size}` : size === 1 ? symbols : `${size}*${symbols}`;
      return (count < 0 ? '-' : index === 0 ? '' : '+') + text;
    })
    .join('');
}

function sum(a: Polynomial, b: Polynomial): Polynomial {
  const result = new Map(a);
  for (const [symbols, count] of b) {
    const total = (result.get(symbols) ?? 0) + count;
    if (total === 0) result.delete(symbols);
    else result.set(symbols, total);
  }
  return result;
}

function product(a: Polynomial, b: Polynomial): Polynomial {
  let result: Polynomial = new Map();
  for (const [left, leftCount] of a)
    for (const [right, rightCount] of b) {
      const symbols = [...left.split('*'), ...right.split('*')].filter((symbol) => symbol !== '');
      result = sum(result, new Map([[symbols.sort().join('*'), leftCount * rightCount]]));
    }
  return result;
}

function removeSymbols(product: string, symbols: string): string | undefined {
  const rest = product === '' ? [] : product.split('*');
  for (const symbol of symbols === '' ? [] : symbols.split('*')) {
    const at = rest.indexOf(symbol);
    if (at < 0) return undefined;
    rest.splice(at, 1);
  }
  return rest.join('*');
}
