/** What a class does to each layer (VAR_CONDITION): computed once for a class, fed to every step of every picture of it. */
import { type Feed, type Graph, int64 } from '../../run/runtime.js';
import { VAR_CONDITION } from './graphs.js';

export type ClassCondition = {
  /** [rows, classes, width] */
  readonly values: Float32Array;
  readonly rows: number;
  /** How many classes it is of. */
  readonly classes: number;
};

/** @param classes indices; the one after the last is "none" */
export async function readClasses(graph: Graph, classes: readonly number[]): Promise<ClassCondition> {
  const outputs = await graph.run({ [VAR_CONDITION.inputs.classes]: int64([classes.length], classes) });
  const [rows = 0] = outputs.shape(VAR_CONDITION.outputs.condition);
  return { values: outputs.float32(VAR_CONDITION.outputs.condition), rows, classes: classes.length };
}

/** [rows, B, 1, width] for B pictures or branches. @param which [B]: the class of each, by its place in the condition */
export function feedClasses({ values, rows, classes }: ClassCondition, which: readonly number[]): Feed {
  const width = values.length / (rows * classes);
  const data = new Float32Array(rows * which.length * width);
  for (let row = 0; row < rows; row++)
    which.forEach((place, at) => {
      const from = (row * classes + place) * width;
      data.set(values.subarray(from, from + width), (row * which.length + at) * width);
    });
  return { type: 'float32', shape: [rows, which.length, 1, width], data };
}
