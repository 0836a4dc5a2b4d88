/** The two-head student of Distilled Decoding as a graph: one step (METHOD 5; inputs and outputs in models/graphs.ts). */
import type { Checkpoint } from '../../checkpoint/tensor.js';
import { STUDENT } from '../../graphs.js';
import { createGraph, type Graph } from '../../onnx/graph.js';
import { add, mul, sub } from '../../onnx/ops/arithmetic.js';
import { concat, gather, unsqueeze } from '../../onnx/ops/arrange.js';
import { linear, type Precision } from '../../onnx/ops/linear.js';
import { argMax } from '../../onnx/ops/network.js';
import { layerNorm, simplifiedLayerNorm } from '../../onnx/ops/normalize.js';
import { sliceWeight, type Weight } from '../../onnx/weight.js';
import { type TensorTable, takeWeights } from '../weights.js';
import { attendWithCondition } from './attend.js';
import { DERIVED, type LlamagenConfig, trunkTable } from './config.js';
import { embedCondition } from './embed.js';
import { buildTrunk } from './trunk.js';

/** Epsilon of the continuous head's norm, fixed in the published code. */
const HEAD_EPSILON = 1e-6;

export type StudentOptions = {
  readonly config: LlamagenConfig;
  readonly checkpoint: Checkpoint;
  /** [codes, channels], rows of norm 1. */
  readonly codebook: Weight;
  readonly precision: Precision;
  /** Adds the outputs of models/graphs.ts, STUDENT.probes, for measuring. */
  readonly probes?: boolean;
};

export function studentTable(config: LlamagenConfig, channels: number): TensorTable {
  return {
    ...trunkTable(config),
    'tok_embeddings.weight': [config.width, channels],
    'tok_embeddings.bias': [config.width],
    'n_d_embed.weight': [2, config.width],
    'final_layer_conti.scale_shift_table': [2, config.width],
    'final_layer_conti.linear.weight': [channels, config.width],
    'final_layer_conti.linear.bias': [channels],
  };
}

export function buildStudent(options: StudentOptions): Graph {
  const { config, checkpoint, codebook, precision, probes = false } = options;
  const channels = codebook.shape[1] as number;
  const weights = takeWeights(checkpoint, studentTable(config, channels), {
    network: 'a two-head student of Distilled Decoding',
    // Students never run unguided; a text student may still carry its teacher's table.
    ignore: [...DERIVED, 'cls_embedding.uncond_embedding'],
  });
  const weight = (name: string): Weight => weights.get(name);
  const graph = createGraph('student');
  const embedding = (row: number) =>
    graph.weight(`n_d_embed.${row}`, sliceWeight(weight('n_d_embed.weight'), row, row + 1));
  const noiseEmbedding = embedding(0);
  const dataEmbedding = embedding(1);

  const noise = graph.input(STUDENT.inputs.noise, 'float32', ['B', 'S', channels]);
  const latents = graph.input(STUDENT.inputs.latents, 'float32', ['B', 'S', channels]);
  const known = graph.input(STUDENT.inputs.known, 'float32', [1, 'S', 1]);
  const discreteRows = graph.input(STUDENT.inputs.discreteRows, 'int64', ['d']);
  const continuousRows = graph.input(STUDENT.inputs.continuousRows, 'int64', ['c']);
  const assemble = graph.input(STUDENT.inputs.assemble, 'int64', ['S']);

  // `known` is 0 or 1, so the products and the sum are exact.
  const unknown = sub(1, known);
  const input = add(mul(latents, known), mul(noise, unknown));
  const embedded = linear(input, 'tok_embeddings.weight', weight('tok_embeddings.weight'), {
    bias: graph.weight('tok_embeddings.bias', weight('tok_embeddings.bias')),
  });
  const marks = add(mul(known, dataEmbedding), mul(unknown, noiseEmbedding));
  const caption = embedCondition(graph, { config, weight, precision }, false);
  const trunk = buildTrunk(
    graph,
    { config, weight, precision },
    {
      image: () => add(embedded, marks),
      condition: add(caption, dataEmbedding),
      caption,
      start: graph.constant('int64', [1], [0]),
      columns: 'S+1',
      attend: attendWithCondition,
    },
  );

  const { image } = trunk;
  const finalNorm = graph.weight('norm.weight', weight('norm.weight'));
  const discrete = simplifiedLayerNorm(gather(image, discreteRows, 1), finalNorm, config.normEpsilon);
  const logits = linear(discrete, 'output.weight', weight('output.weight'), { store: precision });
  const codes = argMax(logits, -1);
  const lookedUp = gather(graph.weight('codebook', codebook), codes, 0);

  const modulation = (row: number) => {
    const table = sliceWeight(weight('final_layer_conti.scale_shift_table'), row, row + 1);
    return unsqueeze(add(trunk.caption, graph.weight(`final_layer_conti.table.${row}`, table)), [1]);
  };
  const [shift, scale] = [modulation(0), modulation(1)];
  const plain = layerNorm(gather(image, continuousRows, 1), { epsilon: HEAD_EPSILON });
  const vectors = linear(
    add(mul(plain, add(scale, 1)), shift),
    'final_layer_conti.linear.weight',
    weight('final_layer_conti.linear.weight'),
    { bias: graph.weight('final_layer_conti.linear.bias', weight('final_layer_conti.linear.bias')) },
  );

  graph.output(STUDENT.outputs.latents, gather(concat([latents, lookedUp, vectors], 1), assemble, 1));
  graph.output(STUDENT.outputs.codes, codes);
  graph.output(STUDENT.outputs.logits, logits);
  if (probes) {
    graph.output(STUDENT.probes.input, input);
    graph.output(STUDENT.probes.embeddings, vectors);
  }
  return graph;
}
