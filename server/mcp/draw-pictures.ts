/** A request goes to the host, and its pictures become the answer of a tool. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import type * as z from 'zod';
import { GenerateError, type GenerateRequest } from '../../models/protocol.js';
import { PHASE_WORDS } from '../../models/request/describe.js';
import { wordsFor } from '../../models/wildcards.js';
import type { ImageHost } from './host.js';
import { previewsOf, textOf } from './results.js';
import type { Pictures } from './schemas.js';

/** Of 100. Less is not worth a message. */
const PROGRESS_STEP = 1;

/** @throws GenerateError when nothing was drawn; pictures that were finished before a failure are the answer, with what went wrong */
export async function drawPictures(
  host: ImageHost,
  request: GenerateRequest,
  signal: AbortSignal,
  onProgress: ((progress: number, message: string) => void) | undefined,
): Promise<CallToolResult> {
  const answer: z.infer<typeof Pictures> = { model: request.pack, pictures: [], warnings: [] };
  const files: Uint8Array[] = [];
  let said = { progress: -1, message: '' };
  for await (const event of host.draw(request, signal))
    switch (event.type) {
      case 'progress': {
        const next = { progress: event.fraction * 100, message: PHASE_WORDS[event.phase] };
        // It must rise with each message.
        const isNews = next.progress >= said.progress + PROGRESS_STEP;
        if (!onProgress || !(isNews || (next.message !== said.message && next.progress > said.progress))) break;
        said = next;
        onProgress(next.progress, next.message);
        break;
      }
      case 'warning':
        answer.warnings.push(event.message);
        break;
      case 'picture': {
        const { image, at, seed, width, height, bytes } = event;
        answer.pictures.push({ image, words: wordsFor(request.prompt, seed), seed, width, height, ...at });
        files.push(bytes);
        break;
      }
      case 'error':
        if (files.length === 0) throw new GenerateError(event.code, event.message);
        answer.warnings.push(`${files.length} of ${request.seeds.length} pictures were drawn: ${event.message}`);
        break;
      case 'done':
        break;
      default:
        event satisfies never;
    }
  return { content: [textOf(answer), ...(await previewsOf(files))], structuredContent: answer };
}
