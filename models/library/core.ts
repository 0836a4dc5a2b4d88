/**
 * The core of Twostep as a package: from a request to pictures. Web-standard JavaScript, so it runs in Node, in a browser and in a worker;
 * ONNX Runtime and a way to the files of a pack are handed in.
 *
 * @example
 * ```ts
 * import * as ort from 'onnxruntime-node';
 * import { buildRequest, createEngine, FAMILIES, openPack, Pack, targetOf } from 'twostep-image';
 *
 * const pack = Pack.parse(JSON.parse(await readFile(`${folder}/pack.json`, 'utf8')));
 * const open = openPack({
 *   pack,
 *   families: FAMILIES,
 *   files: { graph: async (path) => join(folder, path), read: (path) => readFile(join(folder, path)) },
 *   ort,
 *   session: {},
 * });
 * const request = buildRequest(targetOf(pack), { prompt: 'a red house on a hill', seeds: [7] });
 * for await (const event of createEngine(open)(request, new AbortController().signal))
 *   if (event.type === 'picture') await writeFile('house.png', event.bytes);
 * await open.close();
 * ```
 *
 * @module
 */
export { FAMILIES } from '../families/all.js';
export type { Family, FamilyInfo } from '../families/family.js';
export { defaultSchedule, Pack, presetsOf, samplingOf, targetOf } from '../families/packs.js';
export { createEngine } from '../run/generate.js';
export { requestFromPng } from '../run/metadata.js';
export { type OpenPack, type OpenPackOptions, openPack, type PackFiles } from '../run/open.js';
export { encodePng, type RgbImage, readPngText } from '../run/png.js';
export type { OrtModule } from '../run/runtime.js';
export { vectoriseAny as vectorise } from '../vector/cutout.js';
export { type SvgNotes, toSvg } from '../vector/svg.js';
export type { Vectors } from '../vector/vectors.js';
export * from './protocol.js';
