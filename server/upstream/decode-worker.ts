/** Entry of the process that decodes what other servers sent: a fault in a decoder ends this process and nothing else. */
import { decodePicture, type ToDecode } from './decode.js';

/** Between the process and who asks it. */
export type FromDecoder =
  | { readonly id: number; readonly decoded: Awaited<ReturnType<typeof decodePicture>> }
  | { readonly id: number; readonly fault: string };
export type ToDecoder = { readonly id: number; readonly picture: ToDecode };

process.on('message', ({ id, picture }: ToDecoder) => {
  const say = (message: FromDecoder) => process.send?.(message);
  decodePicture(picture).then(
    (decoded) => say({ id, decoded }),
    (error: unknown) => say({ id, fault: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
