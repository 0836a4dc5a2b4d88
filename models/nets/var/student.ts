/** The two-head student of VAR as a graph: one step (METHOD 8; VAR_STUDENT). */
import { conditionRows, VAR_STUDENT } from '../../families/var/graphs.js';
import { createGraph, type Graph, type Value } from '../../onnx/graph.js';
import { add, mul, sub } from '../../onnx/ops/arithmetic.js';
import { concat, gather, slice } from '../../onnx/ops/arrange.js';
import { argMax } from '../../onnx/ops/network.js';
import { sliceWeight, type Weight } from '../../onnx/weight.js';
import { takeWeights, type Weights } from '../weights.js';
import { buildCondition } from './condition.js';
import { DERIVED, studentTable, type VarConfig } from './config.js';
import type { VarOptions } from './teacher.js';
import { attend, conditionRow, dense, modulate, placeTable, runBlocks } from './trunk.js';

export type VarStudentOptions = VarOptions & {
  /** [codes, channels], as they are: nothing norms them. */
  readonly codebook: Weight;
  /** Adds VAR_STUDENT.probes, for measuring. */
  readonly probes?: boolean;
};

export function buildVarStudent(options: VarStudentOptions): { condition: Graph; student: Graph } {
  const { config, checkpoint, codebook, precision, probes = false } = options;
  const weights = takeWeights(checkpoint, studentTable(config), {
    network: 'a Distilled Decoding student of VAR',
    ignore: DERIVED,
  });
  const graph = createGraph('student');
  const { width, layers, channels } = config;
  const { inputs, outputs } = VAR_STUDENT;

  const noise = graph.input(inputs.noise, 'float32', ['B', 'S', channels]);
  const latents = graph.input(inputs.latents, 'float32', ['B', 'S', channels]);
  const known = graph.input(inputs.known, 'float32', [1, 'S', 1]);
  const positions = graph.input(inputs.positions, 'int64', ['S']);
  const names = conditionRows(layers);
  const condition = graph.input(inputs.condition, 'float32', [names.studentCount, 'B', 1, width]);
  const bias = graph.input(inputs.attentionBias, 'float32', [1, 1, 'S+1', 'S+1']);
  const discreteRows = graph.input(inputs.discreteRows, 'int64', ['d']);
  const continuousRows = graph.input(inputs.continuousRows, 'int64', ['c']);
  const assemble = graph.input(inputs.assemble, 'int64', ['S']);
  const trunk = { graph, config, weights, precision, condition };

  // `known` is 0 or 1, so the products and the sum are exact.
  const input = add(mul(latents, known), mul(noise, sub(1, known)));
  const table = placeTable(config, weights, 1);
  const places = (name: string, from: number, to: number) => graph.weight(name, sliceWeight(table, from, to));
  const tokens = add(
    dense(trunk, input, 'word_embed'),
    gather(places('places', 1, table.shape[0] as number), positions, 0),
  );
  const start = add(conditionRow(trunk, names.start), places('places.class', 0, 1));

  // The class counts as data.
  const isData = concat([graph.constant('float32', [1, 1, 1], [1]), known], 1);
  const isNoise = sub(1, isData);
  const mark = (rows: Value, name: string, [ofNoise, ofData]: readonly [Weight, Weight]) => {
    const marks = [
      mul(isData, graph.weight(`${name}.data`, ofData)),
      mul(isNoise, graph.weight(`${name}.noise`, ofNoise)),
    ] as const;
    return add(rows, add(...marks));
  };
  const layerMark = (layer: number, rows: Value) =>
    mark(rows, `layerwise_n_d_embed.${layer}`, layerMarks(config, weights, layer));
  const kinds = weights.get('n_d_embed.weight');
  const rows = runBlocks(
    trunk,
    mark(concat([start, tokens], 1), 'n_d_embed', [sliceWeight(kinds, 0, 1), sliceWeight(kinds, 1, 2)]),
    { attend: (_, heads) => attend(heads, bias), between: layerMark },
  );
  const image = slice(layerMark(layers, rows), { axes: [1], starts: [1], ends: [Infinity] });

  const discrete = modulate(
    gather(image, discreteRows, 1),
    conditionRow(trunk, names.headScale),
    conditionRow(trunk, names.headShift),
  );
  // Both heads have full precision, as the authors have them whatever the rest has.
  const logits = dense(trunk, discrete, 'head');
  const codes = argMax(logits, -1);
  const lookedUp = gather(graph.weight('codebook', codebook), codes, 0);
  const continuous = modulate(
    gather(image, continuousRows, 1),
    conditionRow(trunk, names.continuousScale),
    conditionRow(trunk, names.continuousShift),
  );
  const vectors = dense(trunk, continuous, 'final_layer_conti.linear');

  graph.output(outputs.latents, gather(concat([latents, lookedUp, vectors], 1), assemble, 1));
  graph.output(outputs.codes, codes);
  graph.output(outputs.logits, logits);
  if (probes) {
    graph.output(VAR_STUDENT.probes.input, input);
    graph.output(VAR_STUDENT.probes.embeddings, vectors);
  }
  return { condition: buildCondition({ config, weights, precision, isStudent: true }), student: graph };
}

/** What a layer adds to rows of noise and of data: its product with each of two embeddings, known when the pack is made. */
function layerMarks({ width }: VarConfig, weights: Weights, layer: number): [Weight, Weight] {
  const of = (kind: 0 | 1): Weight => ({
    shape: [1, width],
    load: async () => {
      const name = `layerwise_n_d_embed.${layer}`;
      const matrix = await weights.get(`${name}.weight`).load();
      const embedding = await sliceWeight(weights.get('n_d_embed.weight'), kind, kind + 1).load();
      const bias = await weights.get(`${name}.bias`).load();
      return bias.map((start, row) => {
        let sum = start;
        for (let column = 0; column < width; column++)
          sum += (matrix[row * width + column] as number) * (embedding[column] as number);
        return sum;
      });
    },
  });
  return [of(0), of(1)];
}
