/** What every operator does first: check dtype and shape, and say in a sentence what does not fit. */
import { type Dimension, formatShape, type Shape } from '../dimension.js';
import type { ElementType } from '../encode.js';
import { describeValue, GraphError, type Value } from '../graph.js';

export const FLOATS: readonly ElementType[] = ['float32', 'float16'];
export const NUMBERS: readonly ElementType[] = ['float32', 'float16', 'int64', 'int32'];
export const INDICES: readonly ElementType[] = ['int64', 'int32'];

/** A number stands for a scalar constant of the other operand's type. */
export type Operand = Value | number;

/** `matMul("x" float32 [B, 64], "w" float32 [32, 64]): the inner lengths 64 and 32 differ` */
export function fail(operator: string, values: readonly Value[], message: string): never {
  throw new GraphError(`${operator}(${values.map(describeValue).join(', ')}): ${message}`);
}

export function requireType(operator: string, values: readonly Value[], allowed: readonly ElementType[]): ElementType {
  const [first] = values;
  if (!first) throw new GraphError(`${operator}(): it takes at least one value`);
  for (const value of values) {
    if (!allowed.includes(value.type)) fail(operator, values, `it takes ${allowed.join(' or ')}, not ${value.type}`);
    if (value.type !== first.type) fail(operator, values, `the types ${first.type} and ${value.type} differ`);
  }
  return first.type;
}

export function requireRank(operator: string, value: Value, minimum: number, maximum = minimum): void {
  const rank = value.shape.length;
  if (rank < minimum || rank > maximum)
    fail(operator, [value], `it takes ${minimum === maximum ? minimum : `${minimum} to ${maximum}`} axes, not ${rank}`);
}

export function requireShape(operator: string, value: Value, shape: Shape, role: string): void {
  if (!sameShape(value.shape, shape)) fail(operator, [value], `the ${role} must have the shape ${formatShape(shape)}`);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** Axis counted from the front; negative ones count from the end. */
export function resolveAxis(operator: string, value: Value, axis: number, rank = value.shape.length): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    fail(operator, [value], `there is no axis ${axis} among ${rank}`);
  return axis < 0 ? axis + rank : axis;
}

/** A length that must be a number here, because a parameter of the operator depends on it. */
export function fixedLength(operator: string, value: Value, axis: number): number {
  const length = value.shape.at(axis);
  if (typeof length !== 'number') fail(operator, [value], `axis ${axis} must have a fixed length, not ${length}`);
  return length;
}

/** Shapes are aligned at their ends; 1 stretches (ONNX's multidirectional broadcasting). */
export function broadcastShapes(operator: string, values: readonly Value[], shapes: readonly Shape[]): Dimension[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let result: Dimension = 1;
    for (const shape of shapes) {
      const dimension = shape[axis - rank + shape.length] ?? 1;
      if (dimension === 1 || dimension === result) continue;
      if (result !== 1) fail(operator, values, `the lengths ${result} and ${dimension} do not broadcast`);
      result = dimension;
    }
    return result;
  });
}

/** Numbers among the operands become constants of the type of the values beside them. */
export function toValues(operator: string, operands: readonly Operand[]): Value[] {
  const beside = operands.find((operand) => typeof operand !== 'number');
  if (!beside) throw new GraphError(`${operator}(${operands.join(', ')}): one operand must be a value`);
  return operands.map((operand) =>
    typeof operand === 'number' ? beside.graph.constant(beside.type, [], [operand]) : operand,
  );
}

/** The one result of a node. */
export function single(values: readonly Value[]): Value {
  return values[0] as Value;
}
