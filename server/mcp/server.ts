/** One server for one connection of an agent. */
import type { McpServer } from '@modelcontextprotocol/server';
import type { ImageHost } from './host.js';
import { addTools } from './tools.js';

/** The SDK, which is loaded when the first agent comes. */
export type McpSdk = typeof import('./sdk.js').sdk;
export const loadMcpSdk = async (): Promise<McpSdk> => (await import('./sdk.js')).sdk;

const INSTRUCTIONS = [
  'Twostep draws pictures on the person\u2019s own machine, from short plain prompts.',
  'Call list_models first where it matters what can be drawn: small models know some hundred things and say what they did not understand.',
  'An "image" of an answer can be varied, made an SVG, and placed in Figma while the Twostep panel is open there.',
].join(' ');

export async function createMcpServer({ McpServer }: McpSdk, version: string, host: ImageHost): Promise<McpServer> {
  const server = new McpServer(
    { name: 'twostep', title: 'Twostep', version },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  const models = await host.models().catch(() => []);
  addTools(
    server,
    host,
    models.some(({ notice }) => notice !== null),
  );
  return server;
}
