/** Entry of the process that decodes strangers' pictures: a fault in a decoder ends this process and nothing else. */
import type { RgbImage } from '../../models/run/png.js';
import { type Decoded, decodePicture, readPicture, type ToDecode } from './decode.js';

/** Between the process and who asks it. */
export type Work =
  | { readonly kind: 'decode'; readonly picture: ToDecode }
  | { readonly kind: 'read'; readonly bytes: Uint8Array };
export type FromDecoder =
  | { readonly id: number; readonly result: Decoded | RgbImage }
  | { readonly id: number; readonly fault: string };
export type ToDecoder = { readonly id: number; readonly work: Work };

process.on('message', ({ id, work }: ToDecoder) => {
  const say = (message: FromDecoder) => process.send?.(message);
  const done: Promise<Decoded | RgbImage> =
    work.kind === 'decode' ? decodePicture(work.picture) : readPicture(work.bytes);
  done.then(
    (result) => say({ id, result }),
    (error: unknown) => say({ id, fault: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
