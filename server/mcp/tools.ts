/** The tools that agents see. READ FIRST: what a tool does is here, what it takes and gives in schemas.ts. */
import { randomInt } from 'node:crypto';
import type { CallToolResult, McpServer, ServerContext } from '@modelcontextprotocol/server';
import type * as z from 'zod';
import { GenerateError, type GenerateRequest } from '../../models/protocol.js';
import { buildRequest, seedsFrom } from '../../models/request/build.js';
import { joinLines, settled } from '../../models/wildcards.js';
import type { DrawingModel } from '../drawing/drawing-model.js';
import { requestFromPicture } from '../drawing/picture-request.js';
import { drawPictures } from './draw-pictures.js';
import type { ImageHost } from './host.js';
import { textOf } from './results.js';
import { GenerateInput, Models, Pictures, Placed, PlaceInput, VaryInput, VectorizeInput, Vectors } from './schemas.js';

/** Characters of an SVG that go into the answer; a longer one would fill an agent's memory, and is where the answer says. */
const SVG_CHARACTERS = 30_000;

/** Pictures are made from nothing but words, and none is overwritten. */
const DRAWS = { readOnlyHint: false, destructiveHint: false, idempotentHint: false } as const;

const FAULT = 'Twostep failed in a way that nobody expected; its log says more.';

/** @param isOpen whether a model of another server is among those that draw */
export function addTools(server: McpServer, host: ImageHost, isOpen: boolean): void {
  const draws = { ...DRAWS, openWorldHint: isOpen };
  /** What the host can explain is told to the agent as the tool's own failure, so that it can do otherwise. */
  const told = async (work: () => Promise<CallToolResult>): Promise<CallToolResult> => {
    try {
      return await work();
    } catch (error) {
      return { isError: true, content: [textOf(host.explain(error) ?? FAULT)] };
    }
  };

  server.registerTool(
    'generate_image',
    {
      title: 'Generate images',
      description:
        'Draws pictures from words on this machine. The answer has the pictures, and where their files are. The model may know only some words and says which it did not understand; list_models has what it draws well.',
      inputSchema: GenerateInput,
      outputSchema: Pictures,
      annotations: draws,
    },
    (input, context) =>
      told(async () => draw(await modelFor(host, input.model), (model) => toRequest(input, model), context)),
  );

  server.registerTool(
    'vary_image',
    {
      title: 'Vary an image',
      description: 'Draws the words of an earlier picture again, with other seeds.',
      inputSchema: VaryInput,
      outputSchema: Pictures,
      annotations: draws,
    },
    ({ image, n, seed }, context) =>
      told(async () => {
        const like = await requestFromPicture(await host.read(image));
        const seeds = seedsFrom(seed ?? randomInt(2 ** 32), n);
        return draw(
          await modelFor(host, like.pack),
          ({ target }) => buildRequest(target, { seeds }, settled(like)),
          context,
        );
      }),
  );

  server.registerTool(
    'vectorize_image',
    {
      title: 'Make an SVG of an image',
      description:
        'Traces an earlier picture into few layers with outlines (SVG), and says how much of the picture they keep.',
      inputSchema: VectorizeInput,
      outputSchema: Vectors,
      annotations: { ...DRAWS, idempotentHint: true, openWorldHint: false },
    },
    ({ image }) =>
      told(async () => {
        const { svg, ...made } = await host.trace(await host.read(image));
        const at = await host.keepVectors(image, svg);
        const structuredContent: z.infer<typeof Vectors> = { ...at, ...made };
        const content: CallToolResult['content'] = [textOf(structuredContent)];
        if (svg.length <= SVG_CHARACTERS)
          content.push({
            type: 'resource',
            resource: { uri: 'url' in at ? at.url : `file://${at.file}`, mimeType: 'image/svg+xml', text: svg },
          });
        return { content, structuredContent };
      }),
  );

  server.registerTool(
    'list_models',
    {
      title: 'List models',
      description: 'The models that can draw here, best first, with what they draw well.',
      outputSchema: Models,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    () =>
      told(async () => {
        const structuredContent: z.infer<typeof Models> = { models: (await host.models()).map(describeModel) };
        return { content: [textOf(structuredContent)], structuredContent };
      }),
  );

  server.registerTool(
    'place_in_figma',
    {
      title: 'Place an image in Figma',
      description:
        'Puts an earlier picture into the Figma file in which the Twostep panel is open and connected. It can be undone there.',
      inputSchema: PlaceInput,
      outputSchema: Placed,
      // With "selection" it paints over what the selected layers show.
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
    },
    ({ image, where }, context) =>
      told(async () => {
        const structuredContent: z.infer<typeof Placed> = {
          layers: [...(await host.place(image, where, signalOf(context)))],
        };
        return { content: [textOf(structuredContent)], structuredContent };
      }),
  );

  const draw = (
    model: DrawingModel,
    make: (model: DrawingModel) => GenerateRequest,
    context: ServerContext,
  ): Promise<CallToolResult> => drawPictures(host, make(model), signalOf(context), progressOf(context));
}

/** @throws GenerateError `unknown-pack` naming what there is */
async function modelFor(host: ImageHost, id: string | undefined): Promise<DrawingModel> {
  const models = await host.models();
  // Nothing leaves this machine unless it is named.
  const found = models.find((model) => (id === undefined ? model.notice === null : model.id === id));
  if (found) return found;
  const names = models.map((model) => model.id).join(', ') || 'none';
  throw new GenerateError('unknown-pack', `There is no model "${id ?? ''}"; there are: ${names}.`);
}

function toRequest(
  { prompt, n, size, seed, steps, transparent, plan, palette }: z.infer<typeof GenerateInput>,
  model: DrawingModel,
) {
  const [width = 0, height = 0] = size?.split('x').map(Number) ?? [];
  return buildRequest(model.target, {
    prompt: joinLines(prompt),
    seeds: seedsFrom(seed ?? randomInt(2 ** 32), n),
    background: transparent ? 'transparent' : 'opaque',
    ...(size === undefined ? {} : { size: { width, height } }),
    ...(steps === undefined ? {} : { schedule: model.scheduleOfSteps(steps) }),
    ...(plan === undefined ? {} : { plan }),
    ...(palette === undefined ? {} : { palette }),
  });
}

function describeModel({
  id,
  name,
  description,
  licence,
  ideas,
  target,
}: DrawingModel): z.infer<typeof Models>['models'][number] {
  const { width, height } = target.size;
  return { id, name, description, licence, ideas: [...ideas], size: `${width}x${height}` };
}

/** Aborted when the agent cancels, and when it goes away: clients of before 2026 over HTTP do the one, those since the other. */
function signalOf({ mcpReq, http }: ServerContext): AbortSignal {
  return http?.req ? AbortSignal.any([mcpReq.signal, http.req.signal]) : mcpReq.signal;
}

/** Undefined where the agent wants to hear of no progress. */
function progressOf({ mcpReq }: ServerContext): ((progress: number, message: string) => void) | undefined {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return (progress, message) =>
    // Who went away hears nothing, and the call ends by its signal.
    void mcpReq
      .notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100, message } })
      .catch(() => undefined);
}
