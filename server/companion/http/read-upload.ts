/** What clients send to have pictures edited: a form with files, as OpenAI's clients do, or JSON with pictures in base64. */
import { failure } from './failure.js';
import { readBytes, readJson } from './read-body.js';

/** A file of 50 MB, as OpenAI takes, and in JSON a third more. */
const MAXIMUM_UPLOAD_BYTES = 72 * 1024 * 1024;

export type Upload = {
  /** Everything that is no picture, by its name. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly images: readonly Uint8Array[];
  readonly mask: Uint8Array | null;
};

/** Fields of forms are text. */
const FLAGS = ['stream', 'force', 'keep', 'extend'];
const STRUCTURED = ['plan', 'palette', 'seeds'];

export async function readUpload(request: Request): Promise<Upload> {
  const type = request.headers.get('content-type') ?? '';
  if (/^multipart\/form-data\s*;/i.test(type)) return readForm(await readBytes(request, MAXIMUM_UPLOAD_BYTES), type);
  if (/^application\/json\s*(;|$)/i.test(type)) return readObject(await readJson(request, MAXIMUM_UPLOAD_BYTES));
  throw failure(
    415,
    'unsupported_media_type',
    'Send a form with the files (multipart/form-data), or JSON with the pictures in base64.',
  );
}

async function readForm(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<Upload> {
  const form = await new Response(bytes, { headers: { 'Content-Type': type } }).formData().catch((error: Error) => {
    throw failure(400, 'invalid_form', `The form can not be read: ${error.message}.`);
  });
  const images: Uint8Array[] = [];
  let mask: Uint8Array | null = null;
  const fields: Record<string, unknown> = {};
  for (const [name, value] of form.entries()) {
    if (typeof value === 'string') {
      if (isPicture(name)) throw notAFile(name);
      fields[name.replace(/\[\]$/, '')] = fromText(name, value);
      continue;
    }
    const file = new Uint8Array(await value.arrayBuffer());
    if (name === 'mask') mask = file;
    else if (isPicture(name)) images.push(file);
    else
      throw failure(400, 'unknown_parameter', `There is no file called "${name.slice(0, 60)}" here.`, { param: name });
  }
  return { fields, images, mask };
}

const isPicture = (name: string) => /^(image(\[\d*\])?|mask)$/.test(name);

const notAFile = (name: string) =>
  failure(400, 'invalid_value', `"${name}" must be a file: a PNG, JPEG or WebP.`, { param: name });

function fromText(name: string, value: string): unknown {
  if (FLAGS.includes(name) && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  if (!STRUCTURED.includes(name)) return value;
  try {
    return JSON.parse(value);
  } catch {
    throw failure(400, 'invalid_value', `"${name}" is not JSON.`, { param: name });
  }
}

function readObject(json: unknown): Upload {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw failure(400, 'invalid_value', 'The body must be a JSON object.');
  const { image, images, mask, ...fields } = json as Record<string, unknown>;
  const given = [image, images].flat().filter((one) => one !== undefined && one !== null);
  return {
    fields,
    images: given.map((one) => fromJson('image', one)),
    mask: mask === undefined || mask === null ? null : fromJson('mask', mask),
  };
}

/** Base64, a data: URL, or OpenAI's object with one as `image_url`. */
function fromJson(name: string, value: unknown): Uint8Array {
  const inner = typeof value === 'object' && value !== null ? (value as { image_url?: unknown }).image_url : value;
  const text = typeof inner === 'string' ? inner : '';
  if (/^https?:/i.test(text))
    throw failure(400, 'invalid_value', `No address is opened here: send "${name}" itself, as a data: URL or base64.`, {
      param: name,
    });
  const base64 = text.replace(/^data:[^,]{0,100};base64,/i, '');
  if (base64 === '' || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(base64))
    throw failure(400, 'invalid_value', `"${name}" is neither a data: URL nor base64.`, { param: name });
  return Buffer.from(base64, 'base64');
}
