/** OpenAI's Responses API as far as image clients use it: one text, one tool, pictures. */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { ImagesRequest } from '../../../models/api.js';
import { failure } from './failure.js';
import { checkBody } from './read-body.js';

const Part = z.looseObject({ type: z.string(), text: z.string().optional() });
const Message = z.looseObject({
  role: z.string().optional(),
  content: z.union([z.string(), z.array(Part)]).optional(),
});
const Tool = z.looseObject({ type: z.string() });

/** Clients send what they send to language models, too; here it means nothing. */
export const ResponsesRequest = z.looseObject({
  model: z.string().max(200).nullish(),
  input: z.union([z.string(), z.array(Message).max(1000)]),
  tools: z.array(Tool).max(100).default([]),
  stream: z.boolean().nullish(),
});
export type ResponsesRequest = z.infer<typeof ResponsesRequest>;

/** Fields of the tool that an Images request has too. */
const SHARED = [
  'size',
  'quality',
  'background',
  'output_format',
  'output_compression',
  'partial_images',
  'moderation',
] as const;

/**
 * The text of the last message of the user is the prompt: no model of language is here that could read a conversation.
 *
 * @throws HttpError where no picture is wanted, or one is to be read
 */
export function toImagesBody({ model, input, tools, stream }: ResponsesRequest): unknown {
  const tool = tools.find(({ type }) => type === 'image_generation');
  if (!tool)
    throw failure(
      400,
      'unsupported_operation',
      'Twostep draws and does not write: ask with the tool {"type": "image_generation"}.',
      {
        param: 'tools',
      },
    );
  const parts = typeof input === 'string' ? [{ type: 'input_text', text: input }] : partsOf(input);
  if (parts.some(({ type }) => type === 'input_image' || type === 'input_file'))
    throw failure(400, 'unsupported_operation', 'Pictures can not be edited here: Twostep draws from words only.', {
      param: 'input',
    });
  const prompt = parts.flatMap(({ text }) => (text === undefined ? [] : [text])).join('\n');
  const shared = Object.fromEntries(SHARED.flatMap((name) => (tool[name] === undefined ? [] : [[name, tool[name]]])));
  // The tool names the model of images, the request that of language; a pack may be either.
  return { ...shared, prompt, model: tool['model'] ?? model, stream, n: 1 };
}

function partsOf(messages: readonly z.infer<typeof Message>[]): readonly z.infer<typeof Part>[] {
  const last = messages.findLast(({ role }) => role === undefined || role === 'user');
  const content = last?.content ?? '';
  return typeof content === 'string' ? [{ type: 'input_text', text: content }] : content;
}

/** @throws HttpError naming the field */
export const readImagesBody = (body: unknown): ImagesRequest => checkBody(body, ImagesRequest);

export type Said = {
  readonly background: string;
  readonly output_format: string;
  readonly quality: string;
  readonly size: string;
};

export type ImageCall = {
  readonly type: 'image_generation_call';
  readonly id: string;
  readonly status: 'in_progress' | 'completed' | 'failed';
  readonly result: string | null;
  readonly revised_prompt: string | null;
} & Partial<Said>;

export const createId = (kind: 'resp' | 'ig'): string => `${kind}_${randomBytes(16).toString('hex')}`;

/** Nothing is counted, and nothing costs anything. */
const USAGE = {
  input_tokens: 0,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 0,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 0,
} as const;

type Outcome = { readonly status: 'in_progress' | 'completed' | 'failed'; readonly output: readonly ImageCall[] };

/** @param remarks what was understood otherwise than it was said: ours, as in an Images answer */
export function describeResponse(
  id: string,
  created: number,
  { model, tools }: ResponsesRequest,
  { status, output }: Outcome,
  error: { readonly code: string; readonly message: string } | null,
  remarks: readonly string[],
): object {
  return {
    id,
    object: 'response',
    created_at: Math.floor(created / 1000),
    status,
    error,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    model: model ?? 'twostep',
    output,
    parallel_tool_calls: false,
    previous_response_id: null,
    temperature: null,
    tool_choice: 'auto',
    tools,
    top_p: null,
    usage: status === 'completed' ? USAGE : null,
    twostep: { remarks },
  };
}
