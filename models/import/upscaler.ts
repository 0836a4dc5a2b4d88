/** The npm package of an upscaler (UpscalerJS: `@upscalerjs/esrgan-slim` and the like) becomes networks of ours. */
import { copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { MAXIMUM_TFJS_JSON, readTfjsModel } from '../checkpoint/tfjs.js';
import { buildUpscaler } from '../nets/upscaler.js';
import { writeModel } from '../onnx/write.js';
import { STEP, type UpscalerInfo } from '../run/upscale.js';
import { takePartialFolder } from './partial-folder.js';
import { ImportError } from './recipe.js';

/** Pixels of a side of what a network is given: larger tiles repeat less of each other, and take more memory (64 channels: 4 MB a layer). */
const TILE = 128;

/** A margin that leaves less than half a tile would do everything four times. */
const LARGEST_REACH = TILE / 4;

const PackageJson = z.object({
  name: z.string().min(1).max(200),
  version: z.string().max(50),
  license: z.enum(
    ['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC'],
    'is not a free licence that is known here',
  ),
});

/**
 * @param from folder of the package
 * @param out where it goes; one that is there is replaced once the new one is whole
 * @throws ImportError, CheckpointError, NetworkError
 */
export async function importUpscaler(from: string, out: string, signal: AbortSignal): Promise<UpscalerInfo> {
  const { name, version, license } = await readPackage(from);
  const partial = await takePartialFolder(out);
  try {
    await partial.empty();
    const network = await writeNetwork(join(from, 'models', `x${STEP}`), partial.folder, signal);
    const info: UpscalerInfo = { version: 1, name, licence: license, source: `npm:${name}@${version}`, network };
    await copyFile(join(from, 'LICENSE'), join(partial.folder, 'LICENSE')).catch(() => undefined); // package.json names it.
    await writeFile(join(partial.folder, 'upscaler.json'), `${JSON.stringify(info, null, 2)}\n`);
    await rm(out, { recursive: true, force: true });
    await partial.finish();
    return info;
  } finally {
    await partial.discard();
  }
}

async function readPackage(from: string): Promise<z.infer<typeof PackageJson>> {
  let raw: unknown;
  try {
    raw = JSON.parse(await readText(join(from, 'package.json'), 1_000_000));
  } catch (cause) {
    throw new ImportError(
      `"${from}" is not the folder of an npm package (${(cause as Error).message}). Run "npm install @upscalerjs/esrgan-slim" and name its folder with --from.`,
    );
  }
  const parsed = PackageJson.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ImportError(`package.json of "${from}": ${issue?.path.join('.')}: ${issue?.message}.`);
}

async function writeNetwork(from: string, folder: string, signal: AbortSignal): Promise<UpscalerInfo['network']> {
  const path = join(from, 'model.json');
  if (!(await stat(path).catch(() => null)))
    throw new ImportError(
      `"${path}" is not there, so the package is no upscaler of UpscalerJS that enlarges by ${STEP}.`,
    );
  const model = readTfjsModel(await readText(path, MAXIMUM_TFJS_JSON), path);
  let bytes = 0;
  for (const shard of model.shards) bytes += (await stat(join(from, shard))).size;
  if (bytes !== model.bytes)
    throw new ImportError(
      `${path} names ${model.bytes} bytes of weights, and there are ${bytes}. Install the package again.`,
    );
  const shards = await Promise.all(model.shards.map((shard) => readFile(join(from, shard))));
  const { graph, scale, reach } = buildUpscaler(path, model.topology, model.tensors(Buffer.concat(shards)), TILE);
  if (scale !== STEP) throw new ImportError(`${path} enlarges by ${scale}, and its folder says ${STEP}.`);
  if (reach > LARGEST_REACH)
    throw new ImportError(`${path} sees ${reach} pixels around each; at most ${LARGEST_REACH} are drawn with here.`);
  const file = `x${STEP}.onnx`;
  const [written] = await writeModel(graph, { folder, file, external: 'never', signal });
  if (!written) throw new Error('the model was written and is not there');
  return { file, size: written.size, sha256: written.sha256, tile: TILE, margin: reach };
}

async function readText(path: string, limit: number): Promise<string> {
  const { size } = await stat(path);
  if (size > limit) throw new ImportError(`${path} has ${size} bytes, and at most ${limit} are read.`);
  return (await readFile(path, 'utf8')).replace(/^\ufeff/, '');
}
