/** Element by element: arithmetic, comparison, choice, activation functions, casts. Shapes broadcast. */
import type { Operator } from '../../operators.js';
import type { ElementType } from '../encode.js';
import { GraphError, type Value } from '../graph.js';
import { TensorProto_DataType } from '../proto/onnx_pb.js';
import { broadcastShapes, FLOATS, fail, NUMBERS, type Operand, requireType, single, toValues } from './check.js';

export const DATA_TYPE: Record<ElementType, TensorProto_DataType> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  bool: TensorProto_DataType.BOOL,
  uint8: TensorProto_DataType.UINT8,
  int8: TensorProto_DataType.INT8,
};

export const add = (a: Operand, b: Operand): Value => binary('Add', a, b);
export const sub = (a: Operand, b: Operand): Value => binary('Sub', a, b);
export const mul = (a: Operand, b: Operand): Value => binary('Mul', a, b);
export const div = (a: Operand, b: Operand): Value => binary('Div', a, b);
export const pow = (base: Operand, exponent: Operand): Value => binary('Pow', base, exponent);

export const greater = (a: Operand, b: Operand): Value => binary('Greater', a, b, 'bool');
export const lessOrEqual = (a: Operand, b: Operand): Value => binary('LessOrEqual', a, b, 'bool');

export const sqrt = (x: Value): Value => unary('Sqrt', x);
export const reciprocal = (x: Value): Value => unary('Reciprocal', x);
export const relu = (x: Value): Value => unary('Relu', x);
export const sigmoid = (x: Value): Value => unary('Sigmoid', x);
export const identity = (x: Value): Value => single(x.graph.node('Identity', [x], [x]));

/** x * sigmoid(x) */
export const silu = (x: Value): Value => mul(x, sigmoid(x));

/** The tanh approximation (`gelu_new`, `GELU(approximate='tanh')`): x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))). */
export function gelu(x: Value): Value {
  requireType('gelu', [x], FLOATS);
  return single(x.graph.node('Gelu', [x], [x], { attributes: { approximate: { string: 'tanh' } } }));
}

/** The original: x times the normal distribution's share below x. */
export function exactGelu(x: Value): Value {
  requireType('exactGelu', [x], FLOATS);
  return single(x.graph.node('Gelu', [x], [x], { attributes: { approximate: { string: 'none' } } }));
}

/** `condition ? a : b`, element by element. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  if (typeof a === 'number' && typeof b === 'number')
    throw new GraphError(`where("${condition.name}", ${a}, ${b}): one of the choices must be a value`);
  const [yes, no] = toValues('where', [a, b]) as [Value, Value];
  const values = [condition, yes, no];
  if (condition.type !== 'bool') fail('where', values, `the condition must be bool, not ${condition.type}`);
  const type = requireType('where', [yes, no], NUMBERS);
  const shape = broadcastShapes(
    'where',
    values,
    values.map((value) => value.shape),
  );
  return single(condition.graph.node('Where', values, [{ type, shape }]));
}

export function cast(x: Value, type: ElementType): Value {
  if (x.type === type) return x;
  const attributes = { to: { int: DATA_TYPE[type] } };
  return single(x.graph.node('Cast', [x], [{ type, shape: x.shape }], { attributes }));
}

function binary(operator: Operator, a: Operand, b: Operand, result?: ElementType): Value {
  const values = toValues(operator, [a, b]) as [Value, Value];
  const type = result ?? requireType(operator, values, NUMBERS);
  requireType(operator, values, NUMBERS);
  const shape = broadcastShapes(
    operator,
    values,
    values.map((value) => value.shape),
  );
  return single(values[0].graph.node(operator, values, [{ type, shape }]));
}

function unary(operator: Operator, x: Value): Value {
  requireType(operator, [x], FLOATS);
  return single(x.graph.node(operator, [x], [x]));
}
