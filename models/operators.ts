/**
 * The operators that graphs of packs are made of: those that models/onnx can write. A pack from a stranger may use these and no
 * others (models/run/graph-check.ts): none of them reads a file, loops, or calls another graph.
 */
export const OPERATORS = [
  'Add',
  'ArgMax',
  'Cast',
  'Concat',
  'Conv',
  'DepthToSpace',
  'Div',
  'DynamicQuantizeMatMul',
  'Gather',
  'Gelu',
  'Greater',
  'Identity',
  'InstanceNormalization',
  'LayerNormalization',
  'LessOrEqual',
  'MatMul',
  'MatMulNBits',
  'Mul',
  'Pow',
  'Reciprocal',
  'ReduceMean',
  'Relu',
  'Reshape',
  'Resize',
  'RotaryEmbedding',
  'Sigmoid',
  'SimplifiedLayerNormalization',
  'SkipSimplifiedLayerNormalization',
  'Slice',
  'Softmax',
  'Split',
  'Sqrt',
  'Squeeze',
  'Sub',
  'Transpose',
  'Unsqueeze',
  'Where',
] as const;

export type Operator = (typeof OPERATORS)[number];

/** Where they are defined: ONNX itself, and ONNX Runtime's own. */
export const DOMAINS = ['', 'ai.onnx', 'com.microsoft'] as const;
