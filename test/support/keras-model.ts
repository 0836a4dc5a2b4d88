/** Layers models of TensorFlow.js for tests, and what they compute, by loops over [rows, columns, channels] as Keras has them. */

type Conv = { readonly kind: 'conv'; readonly from: string; readonly filters: number; readonly kernel: number };
type Spec =
  | { readonly kind: 'input' }
  | Conv
  | { readonly kind: 'relu'; readonly from: string }
  | { readonly kind: 'concat' | 'add'; readonly from: readonly string[] }
  | { readonly kind: 'enlarge'; readonly from: string; readonly factor: number };
export type Layers = Readonly<Record<string, Spec>>;

export type Picture = {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly data: Float64Array;
};

/** The shape of esrgan-slim's network, with few channels. */
export const SMALL: Layers = {
  LR: { kind: 'input' },
  F_m1: { kind: 'conv', from: 'LR', filters: 6, kernel: 3 },
  F_0: { kind: 'conv', from: 'F_m1', filters: 6, kernel: 3 },
  F_1_1: { kind: 'conv', from: 'F_0', filters: 2, kernel: 3 },
  Relu: { kind: 'relu', from: 'F_1_1' },
  Concat: { kind: 'concat', from: ['F_0', 'Relu'] },
  LFF: { kind: 'conv', from: 'Concat', filters: 6, kernel: 1 },
  LRL: { kind: 'add', from: ['LFF', 'F_m1'] },
  UPN1: { kind: 'conv', from: 'LRL', filters: 12, kernel: 5 },
  UPsample: { kind: 'enlarge', from: 'UPN1', factor: 2 },
  SR: { kind: 'conv', from: 'UPsample', filters: 3, kernel: 3 },
};

const sourcesOf = (spec: Spec): readonly string[] => ('from' in spec ? [spec.from].flat() : []);

/** @returns model.json, its one shard, and the weights by name */
export function makeKerasModel(layers: Layers, output = 'SR') {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const channels: Record<string, number> = {};
  const tensors = new Map<string, { shape: number[]; values: Float32Array }>();
  const described = Object.entries(layers).map(([name, spec]) => {
    const inputs = sourcesOf(spec).map((source) => channels[source] as number);
    channels[name] =
      spec.kind === 'input'
        ? 3
        : spec.kind === 'conv'
          ? spec.filters
          : spec.kind === 'concat'
            ? inputs.reduce((a, b) => a + b)
            : (inputs[0] as number);
    if (spec.kind === 'conv') {
      const shape = [spec.kernel, spec.kernel, inputs[0] as number, spec.filters];
      const scale = 1 / Math.sqrt(spec.kernel * spec.kernel * (inputs[0] as number));
      const values = Float32Array.from(
        { length: shape.reduce((a, b) => a * b) },
        () => (random() * 2 - 1) * 1.7 * scale,
      );
      tensors.set(`${name}/kernel`, { shape, values });
      tensors.set(`${name}/bias`, {
        shape: [spec.filters],
        values: Float32Array.from({ length: spec.filters }, () => random() * 8),
      });
    }
    return {
      class_name: {
        input: 'InputLayer',
        conv: 'Conv2D',
        relu: 'Activation',
        concat: 'Concatenate',
        add: 'Add',
        enlarge: 'UpSampling2D',
      }[spec.kind],
      config: {
        name,
        ...(spec.kind === 'conv'
          ? {
              filters: spec.filters,
              kernel_size: [spec.kernel, spec.kernel],
              strides: [1, 1],
              padding: spec.kernel === 1 ? 'valid' : 'same',
              dilation_rate: [1, 1],
              groups: 1,
              use_bias: true,
              activation: 'linear',
            }
          : {}),
        ...(spec.kind === 'relu' ? { activation: 'relu' } : {}),
        ...(spec.kind === 'concat' ? { axis: 3 } : {}),
        ...(spec.kind === 'enlarge' ? { size: [spec.factor, spec.factor], interpolation: 'nearest' } : {}),
      },
      inbound_nodes: spec.kind === 'input' ? [] : [sourcesOf(spec).map((source) => [source, 0, 0, {}])],
    };
  });
  const json = {
    format: 'layers-model',
    modelTopology: {
      model_config: { class_name: 'Functional', config: { layers: described, output_layers: [[output, 0, 0]] } },
    },
    weightsManifest: [
      {
        paths: ['group1-shard1of1.bin'],
        weights: [...tensors].map(([name, { shape }]) => ({ name, shape, dtype: 'float32' })),
      },
    ],
  };
  const all = [...tensors.values()].flatMap(({ values }) => [...values]);
  return { json, bytes: Buffer.from(Float32Array.from(all).buffer), tensors };
}

/** What Keras computes, with zeros around each picture. */
export function runKeras(
  layers: Layers,
  tensors: ReturnType<typeof makeKerasModel>['tensors'],
  input: Picture,
  output = 'SR',
): Picture {
  const made: Record<string, Picture> = {};
  for (const [name, spec] of Object.entries(layers)) {
    const inputs = sourcesOf(spec).map((source) => made[source] as Picture);
    const [first] = inputs as [Picture];
    switch (spec.kind) {
      case 'input':
        made[name] = input;
        break;
      case 'conv':
        made[name] = convolve(first, spec, tensors.get(`${name}/kernel`)?.values, tensors.get(`${name}/bias`)?.values);
        break;
      case 'relu':
        made[name] = { ...first, data: first.data.map((value) => Math.max(0, value)) };
        break;
      case 'add':
        made[name] = {
          ...first,
          data: first.data.map((value, at) =>
            inputs.slice(1).reduce((sum, { data }) => sum + (data[at] as number), value),
          ),
        };
        break;
      case 'concat': {
        const channels = inputs.reduce((sum, one) => sum + one.channels, 0);
        const data = new Float64Array(first.rows * first.columns * channels);
        for (let pixel = 0, at = 0; pixel < first.rows * first.columns; pixel++)
          for (const one of inputs)
            for (let c = 0; c < one.channels; c++) data[at++] = one.data[pixel * one.channels + c] as number;
        made[name] = { ...first, channels, data };
        break;
      }
      case 'enlarge': {
        const { factor } = spec;
        const [rows, columns] = [first.rows * factor, first.columns * factor];
        const data = new Float64Array(rows * columns * first.channels);
        for (let y = 0; y < rows; y++)
          for (let x = 0; x < columns; x++)
            for (let c = 0; c < first.channels; c++)
              data[(y * columns + x) * first.channels + c] = first.data[
                (Math.floor(y / factor) * first.columns + Math.floor(x / factor)) * first.channels + c
              ] as number;
        made[name] = { rows, columns, channels: first.channels, data };
        break;
      }
      default:
        spec satisfies never;
    }
  }
  return made[output] as Picture;
}

function convolve(
  { rows, columns, channels, data }: Picture,
  { filters, kernel }: Conv,
  weights: Float32Array = new Float32Array(),
  bias: Float32Array = new Float32Array(),
): Picture {
  const out = new Float64Array(rows * columns * filters);
  const half = (kernel - 1) / 2;
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      for (let f = 0; f < filters; f++) {
        let sum = bias[f] as number;
        for (let j = 0; j < kernel; j++)
          for (let i = 0; i < kernel; i++) {
            const [row, column] = [y + j - half, x + i - half];
            if (row < 0 || column < 0 || row >= rows || column >= columns) continue;
            for (let c = 0; c < channels; c++)
              sum +=
                (data[(row * columns + column) * channels + c] as number) *
                (weights[((j * kernel + i) * channels + c) * filters + f] as number);
          }
        out[(y * columns + x) * filters + f] = sum;
      }
  return { rows, columns, channels: filters, data: out };
}
