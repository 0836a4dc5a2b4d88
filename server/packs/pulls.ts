/** Downloads that were asked for over HTTP: each name once at a time, remembered until the program ends. */
import type { Pull } from '../../models/api.js';
import { GenerateError } from '../../models/protocol.js';
import type { PullEvent } from './pull.js';
import { readRegistry } from './registry.js';

export type Pulls = {
  /** @throws GenerateError `unknown-pack` when the registry has no such name */
  start(name: string): Promise<Pull>;
  list(): Pull[];
  close(): void;
};

export function createPulls(
  pull: (url: string, signal: AbortSignal, hosts: readonly string[]) => AsyncIterable<PullEvent>,
  onDone: () => void,
): Pulls {
  const pulls = new Map<string, Pull>();
  const closing = new AbortController();

  async function run(name: string, url: string, hosts: readonly string[] = []): Promise<void> {
    const change = (changes: Partial<Pull>) => pulls.set(name, { ...(pulls.get(name) as Pull), ...changes });
    try {
      for await (const event of pull(url, closing.signal, hosts))
        if (event.type === 'progress') change({ bytes: event.bytes, total: event.total });
      change({ state: 'done' });
      onDone();
    } catch (error) {
      const message = error instanceof GenerateError ? error.message : 'It could not be written to the disk.';
      change({ state: 'failed', message });
    }
  }

  return {
    async start(name) {
      const registry = await readRegistry();
      // Looked for only now: of two that ask at once, both would find nothing before the registry was read.
      const running = pulls.get(name);
      if (running?.state === 'running') return running;
      const entry = Object.hasOwn(registry, name) ? registry[name] : undefined;
      if (!entry) {
        const names = Object.keys(registry).join(', ') || 'none';
        throw new GenerateError('unknown-pack', `The registry has no pack "${name}"; there are: ${names}.`);
      }
      const pull: Pull = { name, state: 'running', bytes: 0, total: 0, message: null };
      pulls.set(name, pull);
      void run(name, entry.url, entry.hosts);
      return pull;
    },
    list: () => [...pulls.values()],
    close: () => closing.abort(),
  };
}
