/** The flow-head student as a graph: one pass (models/graphs.ts, FLOW_STUDENT; models/train/twostep_train/students.py). */
import type { Checkpoint } from '../../checkpoint/tensor.js';
import { FLOW_STUDENT } from '../../graphs.js';
import { createGraph, type Graph, type Value } from '../../onnx/graph.js';
import { add, mul, silu, sub } from '../../onnx/ops/arithmetic.js';
import { gather, slice, unsqueeze } from '../../onnx/ops/arrange.js';
import { linear, type Precision } from '../../onnx/ops/linear.js';
import { simplifiedLayerNorm } from '../../onnx/ops/normalize.js';
import type { Weight } from '../../onnx/weight.js';
import { readLength, type TensorTable, takeWeights } from '../weights.js';
import { attendWithCondition } from './attend.js';
import { DERIVED, type LlamagenConfig, NETWORK, trunkTable } from './config.js';
import { embedCondition } from './embed.js';
import { embedLayout, type LayoutSizes, layoutIn, layoutTable } from './layout.js';
import { lookUpWords, readingOf, readingTable } from './reading.js';
import { buildTrunk } from './trunk.js';

export type FlowHeadOptions = {
  readonly config: LlamagenConfig;
  readonly checkpoint: Checkpoint;
  /** Numbers of a code vector. */
  readonly channels: number;
  readonly precision: Precision;
};

const SPREAD = 'caption_rows.weight';
const PLACES = 'position_embeddings.weight';
const WORD_NORM = 'word_norm.weight';

/** What image rows are told beyond the published architecture (models/train/twostep_train/gpt.py). */
export type Told = {
  /** The caption. */
  readonly spread: boolean;
  /** Their position. */
  readonly places: boolean;
  /** Layers in which they look words up (attention over the caption's embeddings, each with a key of its own). */
  readonly reads: readonly number[];
  /** What stands at the position that they predict: how many numbers each field of a layout map has. */
  readonly layout?: LayoutSizes | undefined;
};

/** Whether a checkpoint's image rows look words up. */
export const looksWordsUp = (checkpoint: Checkpoint): boolean => checkpoint.tensors.has(WORD_NORM);

function toldIn(checkpoint: Checkpoint, layers: number): Told {
  const has = (name: string) => checkpoint.tensors.has(name);
  const reads = Array.from({ length: layers }, (_, layer) => layer).filter((layer) =>
    has(`${readingOf(layer)}.wq.weight`),
  );
  return { spread: has(SPREAD), places: has(PLACES), reads, layout: layoutIn(checkpoint) };
}

/** @param hidden width of the layer between noise and the transformer */
export function flowHeadTable(config: LlamagenConfig, channels: number, hidden: number, told: Told): TensorTable {
  return {
    ...trunkTable(config),
    ...(told.spread ? { [SPREAD]: [config.width, config.width] } : {}),
    ...(told.reads.length > 0 ? { [WORD_NORM]: [config.width] } : {}),
    ...Object.assign({}, ...told.reads.map((layer) => readingTable(layer, config.width))),
    ...(told.layout ? layoutTable(config.width, told.layout) : {}),
    ...(told.places ? { [PLACES]: [config.grid.rows * config.grid.columns, config.width] } : {}),
    'tok_embeddings.weight': [config.codes, config.width],
    'noise_embeddings.fc1.weight': [hidden, channels],
    'noise_embeddings.fc1.bias': [hidden],
    'noise_embeddings.fc2.weight': [config.width, hidden],
    'noise_embeddings.fc2.bias': [config.width],
  };
}

export function buildFlowHead({ config, checkpoint, channels, precision }: FlowHeadOptions): Graph {
  const hidden = readLength(checkpoint, NETWORK, [['noise_embeddings.fc1.weight', 0]]);
  const told = toldIn(checkpoint, config.layers);
  const weights = takeWeights(checkpoint, flowHeadTable(config, channels, hidden, told), {
    network: 'a flow-head student',
    // Its guidance was distilled into it; the teacher's table may still be there.
    ignore: [...DERIVED, 'cls_embedding.uncond_embedding'],
  });
  const weight = (name: string): Weight => weights.get(name);
  const graph = createGraph('student');

  const noise = graph.input(FLOW_STUDENT.inputs.noise, 'float32', ['B', 'S', channels]);
  const codes = graph.input(FLOW_STUDENT.inputs.codes, 'int64', ['B', 'S']);
  const known = graph.input(FLOW_STUDENT.inputs.known, 'float32', [1, 'S', 1]);
  const readRows = graph.input(FLOW_STUDENT.inputs.readRows, 'int64', ['r']);
  const end = graph.input(FLOW_STUDENT.inputs.end, 'int64', [1]);

  const dense = (x: Value, name: string) =>
    linear(x, `${name}.weight`, weight(`${name}.weight`), {
      bias: graph.weight(`${name}.bias`, weight(`${name}.bias`)),
    });
  const ofNoise = dense(silu(dense(noise, 'noise_embeddings.fc1')), 'noise_embeddings.fc2');
  const table = weight('tok_embeddings.weight');
  // A table that is only looked up is not a product: half precision is the smallest that it can be stored in.
  const store = precision === 'float32' ? 'float32' : 'float16';
  const ofCodes = gather(graph.weight('tok_embeddings.weight', table, { store }), codes, 0);
  const layout = told.layout && embedLayout(graph, { config, weight, precision });
  const tell = (rows: Value, caption: Value): Value => {
    let image = rows;
    if (told.places) {
      const all = graph.weight(PLACES, weight(PLACES), { store });
      const here = slice(all, {
        axes: [0],
        starts: graph.constant('int64', [1], [0]),
        ends: end,
        shape: ['S', config.width],
      });
      image = add(image, here);
    }
    if (layout) image = add(image, layout);
    if (!told.spread) return image;
    return add(image, unsqueeze(linear(caption, SPREAD, weight(SPREAD), { store: precision }), [1]));
  };
  const caption = embedCondition(graph, { config, weight, precision }, false);
  const lookUp = told.reads.length > 0 ? lookUpWords(graph, { config, weight, precision }, told.reads) : undefined;
  const trunk = buildTrunk(
    graph,
    { config, weight, precision },
    {
      // `known` is 0 or 1, so the products and the sum are exact.
      image: (caption) => tell(add(mul(ofCodes, known), mul(ofNoise, sub(1, known))), caption),
      condition: caption,
      caption,
      start: graph.constant('int64', [1], [0]),
      columns: 'S+1',
      attend: attendWithCondition,
      ...(lookUp ? { lookUp } : {}),
    },
  );
  const finalNorm = graph.weight('norm.weight', weight('norm.weight'));
  const read = simplifiedLayerNorm(gather(trunk.rows, readRows, 0), finalNorm, config.normEpsilon);
  graph.output(
    FLOW_STUDENT.outputs.logits,
    linear(read, 'output.weight', weight('output.weight'), { store: precision }),
  );
  return graph;
}
