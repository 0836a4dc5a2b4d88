/** The parts of the official SDK that are used here. Bundled as a file of its own (scripts/build.mjs), which is read when an agent comes. */
import {
  createMcpHandler,
  isLegacyRequest,
  McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';

export const sdk = {
  createMcpHandler,
  isLegacyRequest,
  McpServer,
  serveStdio,
  StdioServerTransport,
  WebStandardStreamableHTTPServerTransport,
} as const;
