/** An agent that starts the built command, as Claude Code, Cursor and VS Code do. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, it } from 'vitest';
import { requestFromPng } from '../../models/run/metadata.js';
import { connectAgent, ERAS } from '../support/mcp.js';
import { COMMAND, findPort, startServing } from '../support/serve.js';

const environment = () => {
  const folder = mkdtempSync(join(tmpdir(), 'twostep-agent-'));
  return {
    TWOSTEP_DATA: join(folder, 'data'),
    TWOSTEP_CACHE: join(folder, 'cache'),
    TWOSTEP_PACKS: join(folder, 'packs'),
    HOME: folder,
  };
};

const startAgent = (env: Record<string, string>, era: (typeof ERAS)[number]) =>
  connectAgent(
    new StdioClientTransport({
      command: process.execPath,
      args: [COMMAND, 'mcp'],
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stderr: 'ignore',
    }),
    era,
  );

type Drawn = { pictures: [{ file: string }] };

it.each(ERAS)('an agent of %s has a picture of the starter pack as a file, with nothing set up', async (era) => {
  const env = environment();
  const client = await startAgent(env, era);
  const answer = await client.callTool({ name: 'generate_image', arguments: { prompt: 'a red circle', seed: 7 } });
  const { file } = (answer.structuredContent as Drawn).pictures[0];
  expect(file).toBe(join(env.HOME, 'Pictures', 'Twostep', 'a-red-circle-7.png'));
  expect(requestFromPng(readFileSync(file))).toMatchObject({ prompt: 'a red circle', pack: 'starter', seeds: [7] });
  await client.close();
});

it('beside a companion the picture is one of its jobs', async () => {
  const env = environment();
  const served = await startServing(env, await findPort());
  const client = await startAgent(env, '2026');
  const answer = await client.callTool({ name: 'generate_image', arguments: { prompt: 'a red circle', seed: 7 } });
  expect((answer.structuredContent as Drawn).pictures[0].file).toContain('a-red-circle-7.png');
  const placing = await client.callTool({
    name: 'place_in_figma',
    arguments: { image: (answer.structuredContent as Drawn).pictures[0].file },
  });
  expect(JSON.stringify(placing.content)).toContain('No panel is connected');
  await client.close();
  await served.end('SIGTERM');
});
