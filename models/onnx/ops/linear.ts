/** A layer's product with its weight, stored as the pack wants it. */
import { GraphError, type Value } from '../graph.js';
import { BLOCK, quantizeBlocks } from '../quantize.js';
import { transposeWeight, type Weight } from '../weight.js';
import { add } from './arithmetic.js';
import { FLOATS, fixedLength, requireRank, requireShape, requireType, single } from './check.js';
import { matMul } from './network.js';

/** 'int8-block': 8 bits a value and a scale for each 128 (models/RUNTIME.md: fastest on CPU, relative L2 4.5e-3). */
export type Precision = 'float32' | 'float16' | 'int8-block';

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
  const product = store === 'int8-block' ? blockProduct(x, name, weight) : plainProduct(x, name, weight, store);
  if (!bias) return product;
  requireShape('linear', bias, [out], 'bias');
  return add(product, bias);
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
