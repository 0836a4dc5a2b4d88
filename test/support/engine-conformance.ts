/** What every Engine must keep to, whatever runs behind it (models/protocol.ts). Run on each implementation. */
import { describe, expect, it } from 'vitest';
import type { Engine, GenerateEvent, GenerateRequest } from '../../models/protocol.js';

export type Subject = {
  readonly name: string;
  create(): Promise<Engine>;
  /** A request that it can fulfil, with one seed. */
  readonly request: GenerateRequest;
};

export async function collect(
  engine: Engine,
  request: GenerateRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<GenerateEvent[]> {
  const events: GenerateEvent[] = [];
  for await (const event of engine(request, signal)) events.push(event);
  return events;
}

export const picturesOf = (events: readonly GenerateEvent[]) => events.filter((event) => event.type === 'picture');

export function describeEngine({ name, create, request }: Subject): void {
  describe(`${name} is an Engine`, () => {
    it('gives each picture once, with its index and seed, and ends with done', async () => {
      const seeds = [7, 8, 9];
      const events = await collect(await create(), { ...request, seeds });
      expect(picturesOf(events).map(({ index }) => index)).toEqual([0, 1, 2]);
      // One that would repeat a picture before it has a seed that nobody asked for.
      const used = picturesOf(events).map(({ seed }, index) =>
        seed === seeds[index] || !seeds.includes(seed) ? seed : 0,
      );
      expect(used[0]).toBe(7);
      expect(new Set([0, ...used]).size).toBe(4);
      for (const { bytes } of picturesOf(events)) expect(bytes.length).toBeGreaterThan(0);
      expect(events.filter(({ type }) => type === 'done' || type === 'error').length).toBe(1);
      expect(events.at(-1)?.type).toBe('done');
    });

    it('reports progress that never falls', async () => {
      const fractions = (await collect(await create(), { ...request, seeds: [1, 2] })).flatMap((event) =>
        event.type === 'progress' ? [event.fraction] : [],
      );
      expect(fractions.length).toBeGreaterThan(0);
      for (const fraction of fractions) expect(fraction).toBeGreaterThanOrEqual(0);
      for (const fraction of fractions) expect(fraction).toBeLessThanOrEqual(1);
      expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
    });

    it('gives the same bytes for the same request', async () => {
      const engine = await create();
      const [first, second, fresh] = [
        await collect(engine, request),
        await collect(engine, request),
        await collect(await create(), request),
      ].map((events) => picturesOf(events)[0]?.bytes);
      expect(first).toBeDefined();
      expect(second).toEqual(first);
      expect(fresh).toEqual(first);
    });

    it('gives a picture that depends on the seed that it names alone', async () => {
      const engine = await create();
      const among = picturesOf(await collect(engine, { ...request, seeds: [3, 5, 4, 1, 2] }))[1];
      const [alone] = picturesOf(await collect(engine, { ...request, seeds: [among?.seed ?? 0] }));
      expect(among?.bytes).toEqual(alone?.bytes);
    });

    it('cancelled before it begins, it says so and nothing else', async () => {
      const events = await collect(await create(), request, AbortSignal.abort());
      expect(events).toMatchObject([{ type: 'error', code: 'cancelled' }]);
    });

    it('cancelled in between, it stops and the pictures that came stay', async () => {
      const cancel = new AbortController();
      const events: GenerateEvent[] = [];
      for await (const event of (await create())({ ...request, seeds: [1, 2, 3, 4, 5, 6] }, cancel.signal)) {
        events.push(event);
        if (event.type === 'picture') cancel.abort();
      }
      expect(picturesOf(events).length).toBe(1);
      expect(events.at(-1)).toMatchObject({ type: 'error', code: 'cancelled' });
    });

    it('can be left in the middle and used again', async () => {
      const engine = await create();
      for await (const _ of engine({ ...request, seeds: [1, 2, 3] }, new AbortController().signal)) break;
      expect((await collect(engine, request)).at(-1)?.type).toBe('done');
    });

    it('serves two requests at once as it serves them one by one', async () => {
      const engine = await create();
      const other = { ...request, seeds: [11] };
      const together = await Promise.all([collect(engine, request), collect(engine, other)]);
      const apart = [await collect(engine, request), await collect(engine, other)];
      expect(together.map((events) => picturesOf(events)[0]?.bytes)).toEqual(
        apart.map((events) => picturesOf(events)[0]?.bytes),
      );
    });
  });
}
