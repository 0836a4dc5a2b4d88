/** `twostep mcp`: the Model Context Protocol on stdin and stdout, for agents that start this command themselves. */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { createMcpServer, loadMcpSdk } from '../mcp/server.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import { prepareOutput } from '../node/output-folder.js';
import { createReporter } from '../node/reporter.js';
import type { Trace } from '../vector/trace.js';
import type { GenerateDependencies } from './generate.js';
import { createMcpEngines } from './mcp-engines.js';
import { createCommandHost } from './mcp-host.js';

export type McpOptions = { readonly out: string };

export type McpDependencies = {
  openLocalEngine: GenerateDependencies['openLocalEngine'];
  readonly trace: Trace;
  readonly version: string;
  readonly streams: { readonly stdin: Readable; readonly stdout: Writable; readonly stderr: Writable };
  readonly debug: boolean;
  readonly signal: AbortSignal;
};

/** Runs until the agent closes stdin, or the signal. */
export async function runMcp({ out }: McpOptions, dependencies: McpDependencies): Promise<ExitCode> {
  const { streams, signal, openLocalEngine, trace, version, debug } = dependencies;
  const { stdin, stdout, stderr } = streams;
  const sdk = await loadMcpSdk();
  const output = await prepareOutput(out, 'The pictures');
  const engines = createMcpEngines(openLocalEngine, createReporter({ json: false, stdout: stderr, stderr }));
  const host = createCommandHost({ engines, trace, out, debug });
  const gone = once(stdin, 'close', { signal }).catch(() => undefined);
  const server = sdk.serveStdio(() => createMcpServer(sdk, version, host), {
    transport: new sdk.StdioServerTransport(stdin, stdout),
  });
  try {
    await gone;
    return EXIT.ok;
  } finally {
    await server.close();
    await engines.close();
    await output.tidy();
  }
}
