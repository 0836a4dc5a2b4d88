/** How far two pictures are apart, decoded by the browser that shows them. */
import type { Page } from 'playwright-core';

/** The share of values of two PNGs that are further apart than the eye sees. */
export function differ(page: Page, a: Uint8Array, b: Uint8Array): Promise<number> {
  return page.evaluate(
    async ([a, b]) => {
      const pixels = async (base64: string) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
        context?.drawImage(image, 0, 0);
        return context?.getImageData(0, 0, image.width, image.height).data ?? new Uint8ClampedArray();
      };
      const [first, second] = [await pixels(a), await pixels(b)];
      let far = first.length === second.length && first.length > 0 ? 0 : first.length + 1;
      first.forEach((value, at) => {
        if (Math.abs(value - (second[at] ?? 0)) > 8) far++;
      });
      return far / first.length;
    },
    [Buffer.from(a).toString('base64'), Buffer.from(b).toString('base64')] as const,
  );
}
