/** A layer's product with its weight, stored as the pack wants it. */
import { encodeValues } from '../encode.js';
import { GraphError, type Value } from '../graph.js';
import { BLOCK, quantizeBlocks, quantizeColumns } from '../quantize.js';
import { transposeWeight, type Weight } from '../weight.js';
import { add, cast } from './arithmetic.js';
import { FLOATS, fixedLength, requireRank, requireShape, requireType, single } from './check.js';
import { matMul } from './network.js';

/**
 * How a weight is stored and multiplied (models/RUNTIME.md has figures).
 *
 * - `float16`: halves the file; computed in float32.
 * - `int8-block`: 8 bits a value and a scale for each 128; a quarter of the memory.
 * - `int8-dynamic`: 7 bits a value and a scale for each column, activations rounded to 8 bits as they come. CPU only, the fastest there.
 * - `float16-product`: half-precision weights and products between float32 activations, for GPUs.
 */
export type Precision = 'float32' | 'float16' | 'int8-block' | 'int8-dynamic' | 'float16-product';

export interface LinearOptions {
  store?: Precision;
  /** float32 [out] */
  bias?: Value;
}

/** `x` [..., in] by `weight` [out, in] (torch's order) -> [..., out]. `name` names the weight in the file. */
export function linear(x: Value, name: string, weight: Weight, { store = 'float32', bias }: LinearOptions = {}): Value {
  requireType('linear', [x], FLOATS);
  requireRank('linear', x, 2, 4);
  const [out, width] = weight.shape;
  if (weight.shape.length !== 2 || out === undefined || width !== fixedLength('linear', x, -1))
    throw new GraphError(
      `linear("${x.name}" [${x.shape.join(', ')}]): weight "${name}" [${weight.shape.join(', ')}] is not [out, ${x.shape.at(-1)}]`,
    );
  const product = multiply(x, name, weight, store);
  if (!bias) return product;
  requireShape('linear', bias, [out], 'bias');
  return add(product, bias);
}

function multiply(x: Value, name: string, weight: Weight, store: Precision): Value {
  switch (store) {
    case 'float32':
    case 'float16':
      return plainProduct(x, name, weight, store);
    case 'int8-block':
      return blockProduct(x, name, weight);
    case 'int8-dynamic':
      return dynamicProduct(x, name, weight);
    case 'float16-product':
      return halfProduct(x, name, weight);
    default:
      return store satisfies never;
  }
}

function plainProduct(x: Value, name: string, weight: Weight, store: 'float32' | 'float16'): Value {
  // MatMul wants [in, out]. The turned weight is one object, so that a second layer may share it.
  const turned = x.graph.once(`transposed ${name}`, [weight], () => transposeWeight(weight));
  return matMul(x, x.graph.weight(name, turned, { store }));
}

function blockProduct(x: Value, name: string, weight: Weight): Value {
  const [out, width] = weight.shape as [number, number];
  const blocks = Math.ceil(width / BLOCK);
  const parts = [
    { name, type: 'uint8', shape: [out, blocks, BLOCK] },
    { name: `${name}.scales`, type: 'float32', shape: [out, blocks] },
  ] as const;
  const [values, scales] = x.graph.once(`blocks ${name}`, [weight], () =>
    x.graph.initializers(parts, async () => {
      const quantized = quantizeBlocks(await weight.load(), width);
      const { buffer, byteOffset, byteLength } = quantized.scales;
      return [quantized.values, new Uint8Array(buffer, byteOffset, byteLength)];
    }),
  );
  const attributes = {
    K: { int: width },
    N: { int: out },
    bits: { int: 8 },
    block_size: { int: BLOCK },
    accuracy_level: { int: 4 },
  };
  const result = { type: x.type, shape: x.shape.with(-1, out) };
  return single(x.graph.node('MatMulNBits', [x, values, scales], [result], { domain: 'com.microsoft', attributes }));
}

function dynamicProduct(x: Value, name: string, weight: Weight): Value {
  const [out, width] = weight.shape as [number, number];
  const parts = [
    { name, type: 'int8', shape: [width, out] },
    { name: `${name}.scales`, type: 'float32', shape: [out] },
  ] as const;
  const [values, scales] = x.graph.once(`columns ${name}`, [weight], () =>
    x.graph.initializers(parts, async () => {
      const quantized = quantizeColumns(await weight.load(), width);
      return [quantized.values, quantized.scales].map(
        ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
      );
    }),
  );
  const result = { type: x.type, shape: x.shape.with(-1, out) };
  return single(x.graph.node('DynamicQuantizeMatMul', [x, values, scales], [result], { domain: 'com.microsoft' }));
}

/** The casts stand around the product alone: what is added up over the layers and what is normed stays float32. */
function halfProduct(x: Value, name: string, weight: Weight): Value {
  const turned = x.graph.once(`transposed ${name}`, [weight], () => transposeWeight(weight));
  const [half] = x.graph.once(`half ${name}`, [weight], () =>
    x.graph.initializers([{ name, type: 'float16', shape: turned.shape }], async () => [
      encodeValues('float16', await turned.load()),
    ]),
  );
  return cast(matMul(cast(x, 'float16'), half as Value), x.type);
}
