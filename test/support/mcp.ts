/** The official client of the Model Context Protocol, in the old and in the new manner, and what its answers hold. */
import type { Readable, Writable } from 'node:stream';
import { Client, ReadBuffer, serializeMessage, type Transport } from '@modelcontextprotocol/client';

/** `2025`: begins with `initialize`, as clients did before 2026-07-28; `2026`: what the specification of that day says. */
export const ERAS = ['2025', '2026'] as const;
export type Era = (typeof ERAS)[number];

export async function connectAgent(transport: Transport, era: Era): Promise<Client> {
  const mode = era === '2025' ? 'legacy' : { pin: '2026-07-28' };
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(transport);
  return client;
}

type Answer = Awaited<ReturnType<Client['callTool']>>;

export const textOf = ({ content }: Answer): string =>
  content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');

export const imagesOf = ({ content }: Answer) => content.flatMap((part) => (part.type === 'image' ? [part] : []));

/** What agents do with a command that they started, over streams of this process. */
export function connectStreams(toServer: Writable, fromServer: Readable): Transport {
  const buffer = new ReadBuffer();
  const transport: Transport = {
    async start() {
      fromServer.on('data', (chunk: Buffer) => {
        buffer.append(chunk);
        for (let message = buffer.readMessage(); message !== null; message = buffer.readMessage())
          transport.onmessage?.(message);
      });
      fromServer.on('close', () => transport.onclose?.());
    },
    send: async (message) => void toServer.write(serializeMessage(message)),
    close: async () => void toServer.end(),
  };
  return transport;
}
