/**
 * An upscaler of Keras layers -> a graph. ESRGAN's residual dense networks, as UpscalerJS trains them (Zhang et al., "Residual Dense Network for
 * Image Super-Resolution", 2018): plain convolutions, ReLU, sums and joins, then pixels that are repeated, and a last convolution.
 *
 * Keras has [B, rows, columns, channels] and kernels [rows, columns, in, out]; here channels come first.
 */
import * as z from 'zod';
import { createGraph, type Graph, type Value } from '../onnx/graph.js';
import { add, relu } from '../onnx/ops/arithmetic.js';
import { concat } from '../onnx/ops/arrange.js';
import { conv, resizeNearest } from '../onnx/ops/network.js';
import type { Weight } from '../onnx/weight.js';
import { NetworkError } from './weights.js';

const name = z.string().min(1).max(200);
const common = { name };
const square = z.tuple([z.number(), z.number()]);
const LayerConfig = z.discriminatedUnion('class_name', [
  z.object({ class_name: z.literal('InputLayer'), config: z.object(common) }),
  z.object({
    class_name: z.literal('Conv2D'),
    config: z.object({
      ...common,
      filters: z.number().int().min(1).max(1024),
      kernel_size: square,
      strides: square.refine(([a, b]) => a === 1 && b === 1, 'is no stride of 1'),
      padding: z.enum(['same', 'valid']),
      dilation_rate: square.refine(([a, b]) => a === 1 && b === 1, 'is no dilation of 1').optional(),
      groups: z.literal(1).optional(),
      use_bias: z.literal(true),
      activation: z.enum(['linear', 'relu']),
    }),
  }),
  z.object({ class_name: z.literal('Activation'), config: z.object({ ...common, activation: z.literal('relu') }) }),
  z.object({
    class_name: z.literal('Concatenate'),
    config: z.object({ ...common, axis: z.union([z.literal(3), z.literal(-1)]) }),
  }),
  z.object({ class_name: z.literal('Add'), config: z.object(common) }),
  z.object({
    class_name: z.literal('UpSampling2D'),
    config: z.object({ ...common, size: square, interpolation: z.literal('nearest') }),
  }),
]);

/** `[[["LR", 0, 0, {}], ...]]`: the layers that it reads. */
const inbound = z.array(z.array(z.tuple([name, z.literal(0), z.literal(0)], z.unknown()))).max(1);

const Topology = z.object({
  model_config: z.object({
    config: z.object({
      layers: z
        .array(z.intersection(LayerConfig, z.object({ inbound_nodes: inbound })))
        .min(2)
        .max(500),
      output_layers: z.array(z.tuple([name, z.literal(0), z.literal(0)])).length(1),
    }),
  }),
});

type Tensors = ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;

/** Input `picture` [1, 3, tile, tile] and output `enlarged` [1, 3, scale * tile, scale * tile], both 0..255. */
const UPSCALER = { input: 'picture', output: 'enlarged' } as const;

/**
 * @param file for messages
 * @param topology of a layers model's model.json
 * @param tile pixels of a side of what it is given
 * @throws NetworkError naming the layer
 */
export function buildUpscaler(
  file: string,
  topology: unknown,
  tensors: Tensors,
  tile: number,
): { graph: Graph; scale: number; reach: number } {
  const parsed = Topology.safeParse(topology);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new NetworkError(file, `has a layer that is not known here: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { layers, output_layers } = parsed.data.model_config.config;
  const graph = createGraph('upscaler');
  const made = new Map<string, { value: Value; scale: number; reach: number }>();
  const fail = (layer: string, why: string): never => {
    throw new NetworkError(file, `has a layer "${layer}" that ${why}`);
  };
  for (const {
    class_name: kind,
    config,
    inbound_nodes: [from = []],
  } of layers) {
    const inputs = from.map(
      ([source]) => made.get(source) ?? fail(config.name, `reads "${source}", which does not come before it`),
    );
    if (made.has(config.name)) fail(config.name, 'is there twice');
    const needed = { InputLayer: 0, Conv2D: 1, Activation: 1, UpSampling2D: 1, Add: 2, Concatenate: 2 }[kind];
    if (inputs.length < needed || (needed < 2 && inputs.length > needed))
      fail(config.name, `reads ${inputs.length} layers`);
    const scale = inputs[0]?.scale ?? 1;
    if (inputs.some((input) => input.scale !== scale)) fail(config.name, 'joins pictures of different sizes');
    // Pixels of the small picture from which on nothing is seen by an output pixel.
    const reach = Math.max(0, ...inputs.map((input) => input.reach));
    const values = inputs.map(({ value }) => value);
    const [first] = values as [Value];
    const next = (value: Value, changes: { scale?: number; reach?: number } = {}) =>
      made.set(config.name, { value, scale, reach, ...changes });
    switch (kind) {
      case 'InputLayer':
        if (made.size > 0) fail(config.name, 'is a second input');
        next(graph.input(UPSCALER.input, 'float32', [1, 3, tile, tile]));
        break;
      case 'Conv2D': {
        const [rows, columns] = config.kernel_size;
        if (rows !== columns || rows % 2 === 0 || rows > 15) fail(config.name, `has a kernel of ${rows} x ${columns}`);
        if (config.padding === 'valid' && rows > 1) fail(config.name, 'makes its picture smaller');
        const input = first.shape[1] as number;
        const weight = kernelOf(config.name, [rows, columns, input, config.filters]);
        const bias = tensorOf(`${config.name}/bias`, [config.filters]);
        const sum = conv(first, graph.weight(`${config.name}.weight`, weight), {
          padding: (rows - 1) / 2,
          bias: graph.weight(`${config.name}.bias`, { shape: [config.filters], load: async () => bias.slice() }),
        });
        next(config.activation === 'relu' ? relu(sum) : sum, { reach: reach + (rows - 1) / 2 / scale });
        break;
      }
      case 'Activation':
        next(relu(first));
        break;
      case 'Concatenate':
        next(concat(values, 1));
        break;
      case 'Add':
        next(values.slice(1).reduce((sum, value) => add(sum, value), first));
        break;
      case 'UpSampling2D': {
        const [down, right] = config.size;
        if (down !== right || !Number.isInteger(down) || down < 2 || down > 8)
          fail(config.name, `enlarges by ${down} and ${right}`);
        next(resizeNearest(first, down), { scale: scale * down });
        break;
      }
      default:
        kind satisfies never;
    }
  }
  const [[last]] = output_layers as [[string, 0, 0]];
  const end = made.get(last) ?? fail(last, 'is not there');
  if (end.value.shape[1] !== 3) fail(last, `has ${end.value.shape[1]} channels, and a picture has 3`);
  graph.output(UPSCALER.output, end.value);
  return { graph, scale: end.scale, reach: Math.ceil(end.reach) };

  function tensorOf(name: string, shape: readonly number[]): Float32Array {
    const found = tensors.get(name);
    if (!found || found.shape.join() !== shape.join())
      throw new NetworkError(
        file,
        `lacks "${name}" [${shape.join(', ')}]${found ? `; there it is [${found.shape.join(', ')}]` : ''}`,
      );
    return found.values;
  }

  /** [rows, columns, in, out] -> [out, in, rows, columns] */
  function kernelOf(layer: string, shape: readonly [number, number, number, number]): Weight {
    const [rows, columns, input, output] = shape;
    const from = tensorOf(`${layer}/kernel`, shape);
    return {
      shape: [output, input, rows, columns],
      load: async () => {
        const to = new Float32Array(from.length);
        let at = 0;
        for (let place = 0; place < rows * columns; place += 1)
          for (let i = 0; i < input; i += 1)
            for (let o = 0; o < output; o += 1, at += 1)
              to[(o * input + i) * rows * columns + place] = from[at] as number;
        return to;
      },
    };
  }
}
