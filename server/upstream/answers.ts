/** What other image servers answer: the pictures of their answers and streams, in the shapes that they have for them. */
import * as z from 'zod';

/** A picture as it came: its bytes in base64, or where it lies. */
export type Given = { readonly base64: string } | { readonly url: string };

const Item = z.object({ b64_json: z.string().nullish(), url: z.string().nullish() });
/** OpenAI and those after it; Open WebUI answers with the bare list; others, as AUTOMATIC1111 does, with texts. */
const Answer = z.union([
  z.object({ data: z.array(Item) }),
  z.object({ images: z.array(z.union([z.string(), Item])) }),
  z.array(z.union([z.string(), Item])),
]);

/** @returns the pictures in their order; empty where it is none of the shapes */
export function readAnswer(json: unknown): Given[] {
  const parsed = Answer.safeParse(json);
  if (!parsed.success) return [];
  const items = Array.isArray(parsed.data)
    ? parsed.data
    : 'data' in parsed.data
      ? parsed.data.data
      : parsed.data.images;
  return items.flatMap((item) => (typeof item === 'string' ? [fromText(item)] : fromItem(item)));
}

/** What an event of a stream has to show. `error` events are refusals (refusal.ts). */
export type StreamPart = { readonly kind: 'draft' | 'picture'; readonly given: Given } | { readonly kind: 'error' };

const Event = z.looseObject({ type: z.string() });

/** @returns undefined for an event that shows nothing */
export function readStreamEvent(json: unknown): StreamPart | undefined {
  const event = Event.safeParse(json).data;
  if (!event) return undefined;
  if (event.type === 'error' || event['error'] !== undefined) return { kind: 'error' };
  const [given] = fromItem(Item.safeParse(event).data ?? {});
  if (!given) return undefined;
  return { kind: event.type.endsWith('.partial_image') ? 'draft' : 'picture', given };
}

/** Some send empty texts for what they leave out. */
function fromItem({ b64_json, url }: z.infer<typeof Item>): Given[] {
  if (b64_json) return [fromText(b64_json)];
  return url ? [inlineOf(url) ?? { url }] : [];
}

/** A text of which nobody says what it is. JPEGs in base64 begin with a slash, as paths do. */
function fromText(text: string): Given {
  const isAddress = /^(https?:)?\//i.test(text) && !text.startsWith('/9j/');
  return inlineOf(text) ?? (isAddress ? { url: text } : { base64: text });
}

function inlineOf(text: string): Given | undefined {
  const start = /^data:[a-z/+.-]*;base64,/i.exec(text)?.[0];
  return start === undefined ? undefined : { base64: text.slice(start.length) };
}
