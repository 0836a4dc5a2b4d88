/** The upscaler that was imported: its network, checked and loaded when first wanted. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GenerateError } from '../../models/protocol.js';
import { createRuntime, type Graph } from '../../models/run/runtime.js';
import { type EnlargeTile, type Network, UpscalerInfo } from '../../models/run/upscale.js';
import { loadOnnxRuntime } from '../engine/onnxruntime.js';
import { upscalerFolder } from '../packs/places.js';

export type Upscaler = {
  readonly info: UpscalerInfo;
  /** @throws GenerateError where its file is another one than was imported */
  open(): Promise<Network & { close(): Promise<void> }>;
};

export const HOW_TO_GET_ONE =
  'Run "npm install @upscalerjs/esrgan-slim" and "twostep import upscaler --from node_modules/@upscalerjs/esrgan-slim" once.';

/** @returns null where none was imported */
export async function findUpscaler(folder = upscalerFolder()): Promise<Upscaler | null> {
  const json = await readFile(join(folder, 'upscaler.json'), 'utf8').catch(() => null);
  if (json === null) return null;
  const info = readInfo(json, folder);
  return {
    info,
    async open() {
      const { network } = info;
      const bytes = await readFile(join(folder, network.file));
      if (createHash('sha256').update(bytes).digest('hex') !== network.sha256)
        throw new GenerateError(
          'damaged-pack',
          `"${network.file}" of ${info.name} is not what was imported. Import it again.`,
        );
      const runtime = createRuntime(await loadOnnxRuntime(), { executionProviders: ['cpu'], logSeverityLevel: 3 });
      const graph = await runtime.load(bytes);
      return { ...network, enlarge: enlargeWith(graph, network.tile), close: () => graph.close() };
    },
  };
}

function readInfo(json: string, folder: string): UpscalerInfo {
  try {
    return UpscalerInfo.parse(JSON.parse(json));
  } catch (cause) {
    throw new GenerateError(
      'damaged-pack',
      `upscaler.json in "${folder}" can not be read. Import the upscaler again.`,
      { cause },
    );
  }
}

/** Names of buildUpscaler's (models/nets/upscaler.ts). */
const enlargeWith =
  (graph: Graph, tile: number): EnlargeTile =>
  async (data) =>
    (await graph.run({ picture: { type: 'float32', shape: [1, 3, tile, tile], data } })).float32('enlarged');
