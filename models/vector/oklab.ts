/** OKLab: distances in it are about as large as people see them (Ottosson, "A perceptual color space for image processing", 2020). */
import type { Colour } from './vectors.js';

/** sRGB 0..255 -> light 0..1. */
const LINEAR = Float64Array.from({ length: 256 }, (_, value) => {
  const unit = value / 255;
  return unit <= 0.04045 ? unit / 12.92 : ((unit + 0.055) / 1.055) ** 2.4;
});

/** @returns lightness 0..1, green to red and blue to yellow, about -0.3..0.3 */
export function toOklab([red, green, blue]: Colour): [lightness: number, a: number, b: number] {
  const [r, g, b] = [LINEAR[red] as number, LINEAR[green] as number, LINEAR[blue] as number];
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const medium = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  ];
}

/** @param rgb [pixels, 3] @returns [pixels, 3] */
export function pixelsToOklab(rgb: Uint8Array): Float32Array {
  const lab = new Float32Array(rgb.length);
  for (let at = 0; at < rgb.length; at += 3)
    lab.set(toOklab([rgb[at] as number, rgb[at + 1] as number, rgb[at + 2] as number]), at);
  return lab;
}
