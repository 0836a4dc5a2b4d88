import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTfjsModel } from '../../../models/checkpoint/tfjs.js';
import { importUpscaler } from '../../../models/import/upscaler.js';
import { buildUpscaler } from '../../../models/nets/upscaler.js';
import type { RgbImage } from '../../../models/run/png.js';
import { type Network, type Scale, upscale } from '../../../models/run/upscale.js';
import { findUpscaler } from '../../../server/upscale/upscaler.js';
import { relativeError } from '../../support/compare.js';
import { paintPixels } from '../../support/flat-pictures.js';
import { makeKerasModel, type Picture, runKeras, SMALL } from '../../support/keras-model.js';
import { runGraph } from '../../support/run-graph.js';

const { json, bytes, tensors } = makeKerasModel(SMALL);
const never = new AbortController().signal;

const PICTURE = paintPixels(70, 45, (x, y) => [(x * 37 + y * 11) % 256, (x * 5 + y * 29) % 256, (x * y) % 256]);

const toKeras = ({ width, height, rgb }: RgbImage): Picture => ({
  rows: height,
  columns: width,
  channels: 3,
  data: Float64Array.from(rgb),
});

/** [rows, columns, channels] -> [channels, rows, columns] */
const channelsFirst = ({ rows, columns, channels, data }: Picture): number[] =>
  Array.from({ length: channels * rows * columns }, (_, at) => {
    const pixel = at % (rows * columns);
    return data[pixel * channels + Math.floor(at / (rows * columns))] as number;
  });

describe('a layers model as a graph', () => {
  it('computes what Keras computes', async () => {
    const { graph, scale, reach } = buildUpscaler('model.json', json.modelTopology, tensors, 24);
    // Four 3x3 kernels or their equals in a row, one of 5x5, and one pixel of the larger picture.
    expect([scale, reach]).toEqual([2, 6]);
    const input = toKeras(paintPixels(24, 24, (x, y) => [x * 9, y * 9, (x * y * 3) % 256]));
    const { enlarged } = await runGraph(graph, { picture: { shape: [1, 3, 24, 24], values: channelsFirst(input) } });
    const expected = channelsFirst(runKeras(SMALL, tensors, input));
    expect(enlarged?.shape).toEqual([1, 3, 48, 48]);
    expect(relativeError(enlarged?.values ?? [], expected)).toBeLessThan(1e-5);
  });

  type Layer = { class_name: string; config: Record<string, unknown>; inbound_nodes: unknown[][] };
  it.each([
    [
      'a layer that is not known',
      (layers: Layer[]) => set(layers[1], 'class_name', 'Lambda'),
      'has a layer that is not known here',
    ],
    ['a stride', (layers: Layer[]) => set(layers[1]?.config, 'strides', [2, 2]), 'is no stride of 1'],
    [
      'another input',
      (layers: Layer[]) => set(layers[2], 'class_name', 'InputLayer'),
      'has a layer "F_0" that reads 1 layers',
    ],
    [
      'a layer that reads what comes later',
      (layers: Layer[]) => set(layers[1], 'inbound_nodes', [[['SR', 0, 0, {}]]]),
      'which does not come before it',
    ],
    [
      'filters that the weights lack',
      (layers: Layer[]) => set(layers[1]?.config, 'filters', 7),
      'lacks "F_m1/kernel" [3, 3, 3, 7]; there it is [3, 3, 3, 6]',
    ],
    [
      'a kernel without a middle',
      (layers: Layer[]) => set(layers[1]?.config, 'kernel_size', [2, 2]),
      'has a kernel of 2 x 2',
    ],
  ] as const)('is refused with %s', (_, change, message) => {
    const topology = structuredClone(json.modelTopology);
    change(topology.model_config.config.layers as unknown as Layer[]);
    expect(() => buildUpscaler('model.json', topology, tensors, 24)).toThrow(message);
  });

  function set(target: object | undefined, key: string, value: unknown): void {
    Object.assign(target ?? {}, { [key]: value });
  }
});

describe('model.json of a stranger', () => {
  const [group] = json.weightsManifest;
  it.each([
    ['a path out of its folder', { paths: ['../secret.bin'] }, 'is not the name of a file beside it'],
    ['an address', { paths: ['https://example.com/a.bin'] }, 'is not the name of a file beside it'],
    ['weights in 8 bits', { weights: [{ name: 'a', shape: [2], dtype: 'uint8' }] }, 'quantized weights are not read'],
    [
      'quantized weights',
      { weights: [{ name: 'a', shape: [2], dtype: 'float32', quantization: { scale: 1 } }] },
      'is not read',
    ],
    [
      'more weights than memory',
      { weights: [{ name: 'a', shape: [60000, 60000], dtype: 'float32' }] },
      '14400000000 bytes of weights',
    ],
  ])('is refused with %s', (_, changes, message) => {
    const text = JSON.stringify({ ...json, weightsManifest: [{ ...group, ...changes }] });
    expect(() => readTfjsModel(text, 'model.json')).toThrow(message);
  });

  it('is refused where it is no JSON, or its bytes are too few', () => {
    expect(() => readTfjsModel('{', 'model.json')).toThrow(/^model.json: is not JSON/);
    const model = readTfjsModel(JSON.stringify(json), 'model.json');
    expect(() => model.tensors(bytes.subarray(4))).toThrow(
      `names ${bytes.length} bytes of weights, and there are ${bytes.length - 4}`,
    );
  });
});

describe('an upscaler that was imported', () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'twostep-upscaler-'));
    const models = join(root, 'package', 'models', 'x2');
    mkdirSync(models, { recursive: true });
    writeFileSync(
      join(root, 'package', 'package.json'),
      JSON.stringify({ name: 'small', version: '1.0.0', license: 'MIT' }),
    );
    writeFileSync(join(root, 'package', 'LICENSE'), 'MIT');
    writeFileSync(join(models, 'model.json'), JSON.stringify(json));
    writeFileSync(join(models, 'group1-shard1of1.bin'), bytes);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const load = (from = 'package') => importUpscaler(join(root, from), join(root, 'upscaler'), never);

  it('draws tiles without a seam: as the network draws the whole picture', async () => {
    await load();
    const found = await findUpscaler(join(root, 'upscaler'));
    expect(found?.info).toMatchObject({
      name: 'small',
      licence: 'MIT',
      source: 'npm:small@1.0.0',
      network: { tile: 128, margin: 6 },
    });
    const opened = await found?.open();
    if (!opened) throw new Error('it is not there');
    // Smaller tiles than those of the network would be, by a network of that size.
    const { graph } = buildUpscaler('model.json', json.modelTopology, tensors, 24);
    const small = async (data: Float32Array) =>
      Float32Array.from(
        (await runGraph(graph, { picture: { shape: [1, 3, 24, 24], values: data } }))['enlarged']?.values ?? [],
      );
    const [whole, tiled] = [
      await enlarged(PICTURE, opened),
      await enlarged(PICTURE, { tile: 24, margin: 6, enlarge: small }),
    ];
    await opened.close();
    expect([whole.width, whole.height]).toEqual([140, 90]);
    let most = 0;
    for (const [at, value] of whole.rgb.entries()) most = Math.max(most, Math.abs(value - (tiled.rgb[at] as number)));
    // Sums round in another order.
    expect(most).toBeLessThanOrEqual(1);
    // Away from the picture's edge, where Keras puts zeros around each layer, it is Keras' own picture.
    const truth = runKeras(SMALL, tensors, toKeras(PICTURE));
    let off = 0;
    for (let y = 12; y < 78; y++)
      for (let x = 12; x < 128; x++)
        for (let c = 0; c < 3; c++) {
          const expected = Math.min(255, Math.max(0, truth.data[(y * 140 + x) * 3 + c] as number));
          off = Math.max(off, Math.abs(expected - (whole.rgb[(y * 140 + x) * 3 + c] as number)));
        }
    expect(off).toBeLessThan(0.51);
  });

  it('enlarges by 4 as twice by 2, and counts the tiles of both', async () => {
    const doubled = async (tile: Float32Array) => {
      const side = Math.sqrt(tile.length / 3);
      return Float32Array.from({ length: 4 * tile.length }, (_, at) => {
        const [channel, place] = [Math.floor(at / (4 * side * side)), at % (4 * side * side)];
        const [y, x] = [Math.floor(place / (4 * side)), Math.floor((place % (2 * side)) / 2)];
        return tile[(channel * side + y) * side + x] as number;
      });
    };
    const fractions: number[] = [];
    for await (const event of upscale(PICTURE, 4, { tile: 32, margin: 4, enlarge: doubled }, never)) {
      if (event.type === 'progress') fractions.push(event.done / event.total);
      else {
        const { width, height, rgb } = event.image;
        expect([width, height]).toEqual([280, 180]);
        for (const [x, y] of [
          [0, 0],
          [279, 179],
          [101, 57],
        ] as const)
          expect([...rgb.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)]).toEqual([
            ...PICTURE.rgb.subarray(
              3 * (Math.floor(y / 4) * 70 + Math.floor(x / 4)),
              3 * (Math.floor(y / 4) * 70 + Math.floor(x / 4)) + 3,
            ),
          ]);
      }
    }
    expect([fractions[0], fractions.at(-1)]).toEqual([0, 1]);
    expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
    await expect(
      enlarged({ width: 4096, height: 4096, rgb: new Uint8Array() }, { tile: 32, margin: 4, enlarge: doubled }, 4),
    ).rejects.toThrow('4096 x 4096 pixels would become 16384 x 16384');
  });

  it('keeps what is transparent so, and can be cancelled between tiles', async () => {
    const alpha = new Uint8Array(70 * 45).fill(255).fill(0, 0, 70 * 20);
    const same = async (tile: Float32Array) => new Float32Array(4 * tile.length).fill(90);
    const made = await enlarged({ ...PICTURE, alpha }, { tile: 24, margin: 6, enlarge: same });
    expect([made.alpha?.[0], made.alpha?.at(-1), made.alpha?.length]).toEqual([0, 255, 140 * 90]);
    const cancel = new AbortController();
    const work = async () => {
      for await (const event of upscale(PICTURE, 2, { tile: 24, margin: 6, enlarge: same }, cancel.signal))
        if (event.type === 'progress' && event.done === 2) cancel.abort();
    };
    await expect(work()).rejects.toThrow(/abort/i);
  });

  it('is refused where its file is another one than was imported', async () => {
    await load();
    const file = join(root, 'upscaler', 'x2.onnx');
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from([0])]));
    const found = await findUpscaler(join(root, 'upscaler'));
    await expect(found?.open()).rejects.toThrow('"x2.onnx" of small is not what was imported');
    expect(await findUpscaler(join(root, 'nowhere'))).toBeNull();
  });

  it('is not made of what is no package, or has a licence that is not free', async () => {
    await expect(load('nothing')).rejects.toThrow('Run "npm install @upscalerjs/esrgan-slim"');
    mkdirSync(join(root, 'closed'));
    writeFileSync(
      join(root, 'closed', 'package.json'),
      JSON.stringify({ name: 'x', version: '1', license: 'UNLICENSED' }),
    );
    await expect(load('closed')).rejects.toThrow('is not a free licence that is known here');
    writeFileSync(join(root, 'closed', 'package.json'), JSON.stringify({ name: 'x', version: '1', license: 'MIT' }));
    await expect(load('closed')).rejects.toThrow('is no upscaler of UpscalerJS');
  });
});

async function enlarged(image: RgbImage, network: Network, scale: Scale = 2): Promise<RgbImage> {
  for await (const event of upscale(image, scale, network, never)) if (event.type === 'picture') return event.image;
  throw new Error('there is no picture');
}
