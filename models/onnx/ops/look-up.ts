/** Rows of a table, stored as the pack wants it. */
import { encodeValues } from '../encode.js';
import { GraphError, type Value } from '../graph.js';
import { BLOCK, quantizeTable } from '../quantize.js';
import type { Weight } from '../weight.js';
import { cast, mul } from './arithmetic.js';
import { gather, reshape } from './arrange.js';
import { requireRank } from './check.js';
import type { Precision } from './linear.js';

/**
 * - `float16`: halves the file; all of it is float32 once loaded.
 * - `int8-block`: 8 bits a value and a scale for each 128, which only the rows that are looked up are multiplied with; a quarter of the file, and of the memory.
 */
export type TableStorage = 'float32' | 'float16' | 'int8-block';

/** What comes nearest for a table beside products that are stored like this. */
export function storeOfTable(products: Precision): TableStorage {
  if (products === 'float32' || products === 'int8-block') return products;
  return 'float16';
}

/** Rows `rows` [n] of `table` [count, width] -> [n, width] in float32. `name` names the table in the file. */
export function lookUp(rows: Value, name: string, table: Weight, store: TableStorage): Value {
  const { graph } = rows;
  const [count, width] = table.shape;
  if (table.shape.length !== 2 || count === undefined || width === undefined)
    throw new GraphError(`lookUp: table "${name}" [${table.shape.join(', ')}] is not [count, width]`);
  requireRank('lookUp', rows, 1, 1);
  if (store !== 'int8-block') return gather(graph.weight(name, table, { store }), rows);

  const block = width % BLOCK === 0 ? BLOCK : width;
  // The shape has a name of its own, because a graph that is restored brings numbered constants along.
  const parts = [
    { name, type: 'int8', shape: [count, width / block, block] },
    { name: `${name}.scales`, type: 'float32', shape: [count, width / block, 1] },
    { name: `${name}.rows`, type: 'int64', shape: [2] },
  ] as const;
  const [values, scales, shape] = graph.once(`table ${name}`, [table], () =>
    graph.initializers(parts, async () => {
      const quantized = quantizeTable(await table.load(), block);
      const bytes = [quantized.values, quantized.scales].map(
        ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
      );
      return [...bytes, encodeValues('int64', [-1, width])];
    }),
  ) as [Value, Value, Value];
  return reshape(mul(cast(gather(values, rows), 'float32'), gather(scales, rows)), [0, width], shape);
}
