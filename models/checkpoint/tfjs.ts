/**
 * The weights of a TensorFlow.js layers model: `model.json` with the manifest, and its shards joined. Files of strangers: sizes are checked
 * against the bytes that are there before anything is read.
 *
 * Format: github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts (WeightsManifestConfig)
 */
import * as z from 'zod';
import { quote, refusalOf } from './error.js';

/** The largest kept upscaler (esrgan-thick) has 40 MB. Bytes of all shards. */
const MAXIMUM_TFJS_BYTES = 256 * 2 ** 20;

/** A topology of 500 layers takes 300 kB. Bytes of model.json. */
export const MAXIMUM_TFJS_JSON = 8 * 2 ** 20;

/** Only of a file beside model.json: no folders, no addresses. */
const FILE_NAME = /^[\w-][\w.-]{0,199}$/;

const Manifest = z.object({
  format: z.literal('layers-model'),
  modelTopology: z.unknown(),
  weightsManifest: z
    .array(
      z.object({
        paths: z.array(z.string().regex(FILE_NAME, 'is not the name of a file beside it')).min(1).max(100),
        weights: z
          .array(
            z.object({
              name: z.string().min(1).max(500),
              shape: z.array(z.number().int().min(1).max(65_536)).max(4),
              dtype: z.literal('float32', 'is not float32; quantized weights are not read'),
              quantization: z.never('is not read').optional(),
            }),
          )
          .max(2000),
      }),
    )
    .length(1, 'has not one group of weights'),
});

type TfjsModel = {
  /** As it stands in the file; models/nets checks it. */
  readonly topology: unknown;
  /** Files beside model.json, whose bytes follow each other. */
  readonly shards: readonly string[];
  /** Bytes of all of them. */
  readonly bytes: number;
  /** @throws CheckpointError where a tensor lies beyond the bytes */
  tensors(bytes: Uint8Array): ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;
};

/** @throws CheckpointError saying what is wrong with model.json */
export function readTfjsModel(json: string, file: string): TfjsModel {
  const { damaged, unsupported } = refusalOf(file);
  if (json.length > MAXIMUM_TFJS_JSON)
    throw unsupported(`has ${json.length} bytes, and at most ${MAXIMUM_TFJS_JSON} are read.`);
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch (cause) {
    throw damaged(`is not JSON: ${quote((cause as Error).message)}.`);
  }
  const parsed = Manifest.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unsupported(
      `is no layers model of TensorFlow.js that is read here: ${issue?.path.join('.')}: ${issue?.message}.`,
    );
  }
  const { paths, weights } = parsed.data.weightsManifest[0] as (typeof parsed.data.weightsManifest)[0];
  const lengths = weights.map(({ shape }) => shape.reduce((all, length) => all * length, 4));
  const bytes = lengths.reduce((all, length) => all + length, 0);
  if (bytes > MAXIMUM_TFJS_BYTES)
    throw unsupported(`names ${bytes} bytes of weights, and at most ${MAXIMUM_TFJS_BYTES} are read.`);
  return {
    topology: parsed.data.modelTopology,
    shards: paths,
    bytes,
    tensors(data) {
      if (data.length !== bytes) throw damaged(`names ${bytes} bytes of weights, and there are ${data.length}.`);
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      let at = 0;
      return new Map(
        weights.map(({ name, shape }, index) => {
          const values = new Float32Array((lengths[index] as number) / 4);
          for (let place = 0; place < values.length; place += 1, at += 4) values[place] = view.getFloat32(at, true);
          return [name, { shape, values }];
        }),
      );
    },
  };
}
