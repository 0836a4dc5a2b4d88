/** What a browser does with finished pictures: addresses, small copies, files, the clipboard. */
import type { RgbImage } from '../../models/run/png.js';

/** Pixels of the longer side in the history; 1,000 of them must fit into Figma's 5 MB. */
const SMALL_SIDE = 112;
const SMALL_QUALITY = 0.72;
/** Characters of a small picture; one that is larger is drawn smaller still. */
const SMALL_LIMIT = 4200;

export type Pictures = {
  /** @returns an address for an <img>, until it is released */
  show(bytes: Uint8Array): string;
  /** The same for any encoded picture. */
  address(blob: Blob): string;
  release(url: string): void;
  /** @returns a small copy as a data: address */
  shrink(bytes: Uint8Array): Promise<string>;
  /** @returns its pixels */
  read(bytes: Uint8Array): Promise<Required<RgbImage>>;
  save(content: Uint8Array | string, name: string): void;
  /** @returns whether the words are in the clipboard now */
  copy(text: string): boolean;
};

export function createPictures(document: Document): Pictures {
  const png = (bytes: Uint8Array) => new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/png' });
  return {
    show: (bytes) => URL.createObjectURL(png(bytes)),
    address: (blob) => URL.createObjectURL(blob),
    release(url) {
      if (url.startsWith('blob:')) URL.revokeObjectURL(url);
    },
    async shrink(bytes) {
      const image = await createImageBitmap(png(bytes));
      const canvas = document.createElement('canvas');
      let small = '';
      for (let side = SMALL_SIDE; side >= 28; side /= 2) {
        const scale = side / Math.max(image.width, image.height);
        canvas.width = Math.max(1, Math.round(image.width * scale));
        canvas.height = Math.max(1, Math.round(image.height * scale));
        const context = canvas.getContext('2d');
        if (!context) break;
        context.imageSmoothingQuality = 'high';
        context.drawImage(image, 0, 0, canvas.width, canvas.height);
        small = canvas.toDataURL('image/webp', SMALL_QUALITY);
        if (small.length <= SMALL_LIMIT) break;
      }
      image.close();
      return small;
    },
    async read(bytes) {
      const image = await createImageBitmap(png(bytes));
      const { width, height } = image;
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [width, height];
      const context = canvas.getContext('2d', { willReadFrequently: true });
      if (!context) throw new Error('this window has no canvas');
      context.drawImage(image, 0, 0);
      image.close();
      const { data } = context.getImageData(0, 0, width, height);
      const [rgb, alpha] = [new Uint8Array(width * height * 3), new Uint8Array(width * height)];
      for (let pixel = 0; pixel < alpha.length; pixel++) {
        rgb.set(data.subarray(4 * pixel, 4 * pixel + 3), 3 * pixel);
        alpha[pixel] = data[4 * pixel + 3] as number;
      }
      return { width, height, rgb, alpha };
    },
    save(content, name) {
      const svg = typeof content === 'string';
      const url = URL.createObjectURL(svg ? new Blob([content], { type: 'image/svg+xml' }) : png(content));
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      // The download has its own hold on the bytes once it has begun.
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    },
    copy(text) {
      // The panel is no secure context, so navigator.clipboard is not there; this older way is.
      const field = document.createElement('textarea');
      field.value = text;
      field.style.cssText = 'position:fixed;opacity:0';
      document.body.append(field);
      const before = document.activeElement;
      field.select();
      const done = document.execCommand('copy');
      field.remove();
      if (before instanceof HTMLElement) before.focus();
      return done;
    },
  };
}
