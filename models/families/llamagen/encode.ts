/** A picture's codes, by the encoder of the pack's own tokenizer. */
import { VQ_ENCODER } from '../../graphs.js';
import type { RgbImage } from '../../run/png.js';
import type { Start } from '../family.js';
import type { Networks } from './networks.js';

export async function encodePicture(
  { model, encoder }: Pick<Networks, 'model' | 'encoder'>,
  { width, height, rgb }: RgbImage,
  open: Uint8Array,
): Promise<Start> {
  const { rows, columns, downsample } = model.grid;
  if (width !== columns * downsample || height !== rows * downsample)
    throw new RangeError(`a picture of ${width} x ${height} pixels is not one of ${model.id}'s grid`);
  const plane = width * height;
  const image = new Float32Array(3 * plane);
  for (let pixel = 0; pixel < plane; pixel += 1)
    for (let part = 0; part < 3; part += 1) image[part * plane + pixel] = (rgb[3 * pixel + part] as number) / 127.5 - 1;
  const outputs = await (await encoder()).run({
    [VQ_ENCODER.inputs.image]: { type: 'float32', shape: [1, 3, height, width], data: image },
  });
  return {
    codes: Int32Array.from(outputs.int64(VQ_ENCODER.outputs.codes), Number),
    open: openCodes(open, { rows, columns, downsample }),
  };
}

/** A code may change where one of its pixels may. */
function openCodes(
  open: Uint8Array,
  { rows, columns, downsample }: { rows: number; columns: number; downsample: number },
): Uint8Array {
  const codes = new Uint8Array(rows * columns);
  for (const [pixel, is] of open.entries()) {
    if (!is) continue;
    const [y, x] = [Math.floor(pixel / (columns * downsample)), pixel % (columns * downsample)];
    codes[Math.floor(y / downsample) * columns + Math.floor(x / downsample)] = 1;
  }
  return codes;
}
