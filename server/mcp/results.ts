/** Parts of answers. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import { makePreview } from '../drawing/formats.js';

type Content = CallToolResult['content'][number];

/** Bytes of all pictures of an answer. Claude Desktop takes 1 MB an answer, of which base64 leaves three quarters. */
const IMAGE_BYTES = 500_000;

/** Pixels of a side of what an agent looks at where the picture itself is too heavy: few, and many to an answer. */
const PREVIEW_SIDES = { few: 512, many: 256 } as const;
const FEW = 4;

/** Clients that know no structured content read the same as text. */
export const textOf = (said: string | object): Content => ({
  type: 'text',
  text: typeof said === 'string' ? said : JSON.stringify(said),
});

/** Pictures to look at: as they were drawn where that is light enough, else smaller ones; the files are where the answer says. */
export function previewsOf(pngs: readonly Uint8Array[]): Promise<Content[]> {
  const [budget, side] = [IMAGE_BYTES / pngs.length, pngs.length > FEW ? PREVIEW_SIDES.many : PREVIEW_SIDES.few];
  return Promise.all(
    pngs.map(async (png): Promise<Content> => {
      const isLight = png.length <= budget;
      const bytes = isLight ? png : await makePreview(png, side);
      const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
      return { type: 'image', data, mimeType: isLight ? 'image/png' : 'image/webp' };
    }),
  );
}
