/** `POST /v1/images/edits` and `/v1/images/variations`: what is drawn for a picture that came. */
import type { EditFields, ImagesRequest, VariationFields } from '../../../models/api.js';
import type { GenerateRequest } from '../../../models/protocol.js';
import { requestFromPicture } from '../../drawing/picture-request.js';
import { readSource } from '../../pictures/source.js';
import type { Companion } from './companion.js';
import { failure } from './failure.js';
import { findEditorFor, findModelFor, type ImagesOrder, readOrder } from './images.js';
import type { Upload } from './read-upload.js';

type Ordered = [body: ImagesRequest, order: ImagesOrder];

export async function editOrder(
  companion: Companion,
  { images, mask }: Upload,
  fields: EditFields,
  remarks: readonly string[],
  signal: AbortSignal,
): Promise<Ordered> {
  const { strength, extend, ...body } = fields;
  const [image, ...more] = images;
  if (!image)
    throw failure(400, 'missing_parameter', 'A picture is missing: send it as the file "image".', { param: 'image' });
  const model = await findEditorFor(body, companion);
  const size = sizeOf(body);
  const source = await readSource(
    { image, mask, masksItself: true },
    { strength: strength ?? undefined, extend: extend ?? undefined, size },
    companion.readPicture,
    signal,
  );
  const unused = more.length > 0 ? [`Of ${images.length} pictures the first is edited; the others are not used.`] : [];
  const order = readOrder(body, model, [...remarks, ...unused, ...source.remarks], source);
  return [body, order];
}

/**
 * A picture of ours carries the words that made it: they are drawn again with other seeds. Of any other nobody knows what it shows, so that
 * the words have to be said; it is then changed by them.
 */
export async function variationOrder(
  companion: Companion,
  upload: Upload,
  fields: VariationFields,
  remarks: readonly string[],
  signal: AbortSignal,
): Promise<Ordered> {
  const [image] = upload.images;
  if (!image)
    throw failure(400, 'missing_parameter', 'A picture is missing: send it as the file "image".', { param: 'image' });
  const carried = await requestFromPicture(image).catch(() => null);
  const prompt = fields.prompt ?? carried?.prompt;
  if (prompt === undefined)
    throw failure(
      400,
      'missing_parameter',
      'This picture carries no words, since it was not made here, and nothing here tells what a picture shows. Say it as "prompt".',
      { param: 'prompt' },
    );
  // As OpenAI has it: addresses unless told otherwise.
  const said = { ...fields, prompt, response_format: fields.response_format ?? ('url' as const) };
  const isOurs = carried !== null && fields.prompt === undefined && (fields.strength ?? null) === null;
  if (!isOurs) return editOrder(companion, { ...upload, mask: null }, said, remarks, signal);
  const { strength: _, extend: __, ...body } = { ...said, ...like(said, carried) };
  return [body, readOrder(body, await findModelFor(body, companion), remarks)];
}

/** Of the picture's own request, what nobody says otherwise. */
function like({ size, background }: VariationFields, carried: GenerateRequest) {
  const { width, height } = carried.size;
  return { size: size ?? `${width}x${height}`, background: background ?? carried.background };
}

function sizeOf({ size }: Pick<ImagesRequest, 'size'>): { width: number; height: number } | undefined {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(size ?? '') ?? [];
  return width === undefined ? undefined : { width: Number(width), height: Number(height) };
}
