/** Which models of an image server draw, where its owner does not say. */
import * as z from 'zod';
import { printable } from '../../models/printable.js';
import { readRefusal, toError } from './refusal.js';
import { SettingsError, type Upstream } from './settings.js';

/** Milliseconds. A list is no work. */
const PATIENCE = 15_000;
/** Characters. OpenRouter's list, the longest known, has 600 kB. */
const LIST = 4_000_000;
/** Names in a sentence. */
const NAMED = 20;

const List = z.object({ data: z.array(z.looseObject({ id: z.string().min(1).max(150) })).max(5000) });

/** What lists say of a model's task, each in its own field. */
const DRAWS = /text-to-image|image[-_ ]generation|"output_modalities":\[[^\]]*"image"/i;

/** Families of image models, by what their names have in common; "gpt-" alone is a model of text. */
const IMAGE_NAME =
  /image|dall-?e|flux|sdxl|sd-?[1-3]|sd-turbo|sd-cpp|stable-?diffusion|imagen|midjourney|seedream|ideogram|recraft|kolors|hidream|dreamshaper|playground-v/i;

/**
 * One that is alone is meant; of several, those that say that they draw, or are called as image models are.
 *
 * @throws GenerateError, SettingsError in words, with the names that there are
 */
export async function probeModels(
  upstream: Pick<Upstream, 'name' | 'url' | 'keyEnv'>,
  key: string | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  const declare = `Say which models it draws with: --model NAME.`;
  const response = await fetch(`${upstream.url}/models`, {
    headers: key === undefined ? {} : { Authorization: `Bearer ${key}` },
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
  }).catch((error: Error & { cause?: NodeJS.ErrnoException }) => {
    const why = error.cause?.code ?? error.message;
    throw new SettingsError(`${upstream.url} can't be reached (${why}). Start it first, or: ${declare}`);
  });
  const text = await readText(response);
  if (response.status === 404) throw new SettingsError(`${upstream.url}/models is not there. ${declare}`);
  if (!response.ok) throw toError(upstream, readRefusal(response.status, text));
  const list = List.safeParse(parse(text));
  if (!list.success) throw new SettingsError(`${upstream.url}/models is no list of models. ${declare}`);
  const ids = list.data.data.map(({ id }) => id);
  const drawing = list.data.data.filter((one) => DRAWS.test(JSON.stringify(one)) || IMAGE_NAME.test(one.id));
  if (ids.length === 1) return ids;
  if (drawing.length > 0) return drawing.slice(0, 100).map(({ id }) => id);
  const names = ids.slice(0, NAMED).map(printable).join(', ');
  throw new SettingsError(`None of its models says that it draws (${names || 'there are none'}). ${declare}`);
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const part of response.body ?? []) {
    text += decoder.decode(part, { stream: true });
    if (text.length > LIST) break;
  }
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
