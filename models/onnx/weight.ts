/**
 * A network's weight, unread until it is written: what a graph keeps is how to load it. Every helper is lazy as well, so
 * a whole model is described in kilobytes and written one tensor at a time.
 */

/** Row-major float32 values; every `load` gives a new array, which the caller may change. */
export interface Weight {
  readonly shape: readonly number[];
  load(): Promise<Float32Array>;
}

export function sizeOfShape(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** A weight from values at hand, for tables that are computed and for tests. */
export function weightOf(shape: readonly number[], values: ArrayLike<number>): Weight {
  requireSize(shape, values.length, 'weightOf');
  return { shape, load: async () => Float32Array.from(values) };
}

export function reshapeWeight(weight: Weight, shape: readonly number[]): Weight {
  requireSize(shape, sizeOfShape(weight.shape), 'reshapeWeight');
  return { shape, load: () => weight.load() };
}

/** `[rows, columns]` -> `[columns, rows]`. */
export function transposeWeight(weight: Weight): Weight {
  const [rows, columns] = weight.shape;
  if (weight.shape.length !== 2 || rows === undefined || columns === undefined)
    throw new RangeError(`transposeWeight takes a matrix, not the shape [${weight.shape.join(', ')}]`);
  return {
    shape: [columns, rows],
    load: async () => {
      const from = await weight.load();
      const to = new Float32Array(from.length);
      // Blocks of 8 x 16: rows of a length that is a power of two share a few places of the cache, which holds eight of them.
      // A third faster than squares of 32, and ten times than row by row.
      for (let left = 0; left < columns; left += 16)
        for (let top = 0; top < rows; top += 8) {
          const bottom = Math.min(top + 8, rows);
          const right = Math.min(left + 16, columns);
          for (let column = left; column < right; column += 1)
            for (let row = top; row < bottom; row += 1)
              to[column * rows + row] = from[row * columns + column] as number;
        }
      return to;
    },
  };
}

/** Rows `start` to `end` (not included) of the first axis. */
export function sliceWeight(weight: Weight, start: number, end: number): Weight {
  const [rows = 0, ...rest] = weight.shape;
  if (!(0 <= start && start <= end && end <= rows))
    throw new RangeError(`sliceWeight: rows ${start} to ${end} are not within the shape [${weight.shape.join(', ')}]`);
  const row = sizeOfShape(rest);
  return {
    shape: [end - start, ...rest],
    load: async () => (await weight.load()).slice(start * row, end * row),
  };
}

/**
 * Equal parts along the first axis, as many as asked. What was read for one is kept until each has been loaded once, so that
 * parts which are written one after the other cost one reading of the file.
 */
export function splitWeight(weight: Weight, count: number): Weight[] {
  const rows = weight.shape[0] ?? 0;
  if (rows % count !== 0)
    throw new RangeError(
      `splitWeight: the shape [${weight.shape.join(', ')}] can not be cut into ${count} equal parts`,
    );
  const waiting = new Set<number>();
  let whole: Promise<Float32Array> | undefined;
  return Array.from({ length: count }, (_, index) => {
    const part = sliceWeight(
      { shape: weight.shape, load: () => whole ?? weight.load() },
      (rows / count) * index,
      (rows / count) * (index + 1),
    );
    return {
      shape: part.shape,
      load: async () => {
        if (!whole) for (let other = 0; other < count; other += 1) waiting.add(other);
        whole ??= weight.load();
        waiting.delete(index);
        const values = await part.load();
        if (waiting.size === 0) whole = undefined;
        return values;
      },
    };
  });
}

/** Applies a function to each value. */
export function mapWeight(weight: Weight, change: (value: number, index: number) => number): Weight {
  return {
    shape: weight.shape,
    load: async () => {
      const values = await weight.load();
      // A plain loop: `forEach` takes three times as long, which is seconds over a large model.
      for (let index = 0; index < values.length; index += 1) values[index] = change(values[index] as number, index);
      return values;
    },
  };
}

/** Weights one after the other along the first axis; loaded one by one. */
export function concatWeights(weights: readonly Weight[]): Weight {
  const rest = (weights[0]?.shape ?? []).slice(1);
  for (const { shape } of weights)
    if (shape.length === 0 || shape.slice(1).join() !== rest.join())
      throw new RangeError(
        `concatWeights: the shapes ${weights.map((weight) => `[${weight.shape.join(', ')}]`).join(' and ')} differ beyond the first axis`,
      );
  const shape = [weights.reduce((rows, weight) => rows + (weight.shape[0] ?? 0), 0), ...rest];
  return {
    shape,
    load: async () => {
      const values = new Float32Array(sizeOfShape(shape));
      let at = 0;
      for (const weight of weights) {
        const part = await weight.load();
        values.set(part, at);
        at += part.length;
      }
      return values;
    },
  };
}

/** Each row divided by its length, at least `epsilon`, as `torch.nn.functional.normalize` does. */
export function normalizeRows(weight: Weight, epsilon = 1e-12): Weight {
  const width = weight.shape.at(-1) ?? 1;
  return {
    shape: weight.shape,
    load: async () => {
      const values = await weight.load();
      for (let start = 0; start < values.length; start += width) {
        const row = values.subarray(start, start + width);
        const square = row.reduce((sum, value) => sum + value * value, 0);
        const length = Math.max(Math.sqrt(square), epsilon);
        row.forEach((value, index) => {
          row[index] = value / length;
        });
      }
      return values;
    },
  };
}

function requireSize(shape: readonly number[], size: number, operation: string): void {
  if (sizeOfShape(shape) !== size)
    throw new RangeError(`${operation}: the shape [${shape.join(', ')}] does not hold ${size} values`);
}
