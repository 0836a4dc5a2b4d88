/** The engine that the panel carries, in a real Chromium, held to what every engine must keep to, and to the pictures of Node. */

import { decode } from 'fast-png';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Pack } from '../../models/families/packs.js';

import { type Engine, type GenerateEvent, type GenerateRequest, REQUEST_DEFAULTS } from '../../models/protocol.js';
import { createEngine } from '../../models/run/generate.js';
import { bundlePage } from '../../scripts/build-ui.mjs';
import { EMBEDDED_PACK, embedEngine } from '../../scripts/embed.mjs';
import { inRoot } from '../../scripts/paths.mjs';
import { readPackFolder } from '../../server/packs/folder.js';
import { describeEdits } from '../support/edit-conformance.js';
import { collect, describeEngine, picturesOf } from '../support/engine-conformance.js';
import { open } from '../support/random-packs.js';
import { CHROMIUM, openBrowser } from './browser.js';

describe.skipIf(!CHROMIUM)('the engine in the panel', async () => {
  const { pack } = await readPackFolder(inRoot(EMBEDDED_PACK));
  const request: GenerateRequest = {
    ...REQUEST_DEFAULTS,
    prompt: 'a large yellow star above a green square',
    pack: Pack.parse(pack).id,
    seeds: [1],
    schedule: { kind: 'student', steps: 1 },
    sampling: null,
    size: { width: 64, height: 64 },
    draft: false,
  };
  let browser: Browser;
  let page: Page;
  const listeners = new Map<number, (event: GenerateEvent) => void>();
  let count = 0;

  beforeAll(async () => {
    browser = await openBrowser();
    page = await browser.newPage();
    const { page: html } = await bundlePage(
      'ui/panel/panel.html',
      'test/panel/wasm-entry.ts',
      'ui/panel/style/panel.css',
    );
    await page.exposeFunction('hear', (id: number, text: string) => {
      const event = JSON.parse(text);
      listeners.get(id)?.(
        'bytes' in event ? { ...event, bytes: Uint8Array.from(Buffer.from(event.bytes, 'base64')) } : event,
      );
    });
    await page.setContent((await embedEngine(html)).page);
  });
  afterAll(() => browser?.close());

  /** An engine of a worker of its own, from out here. */
  async function create(): Promise<Engine> {
    const engine = count++;
    return async function* (request, signal) {
      const id = count++;
      const waiting: GenerateEvent[] = [];
      let wake = () => {};
      let failed: unknown;
      listeners.set(id, (event) => {
        waiting.push(event);
        wake();
      });
      const call = (code: string) =>
        page.evaluate(code).catch((error) => {
          failed = error;
          wake();
        });
      // Cancelled before the call, it can't be said afterwards.
      if (signal.aborted) return void (yield { type: 'error', code: 'cancelled', message: 'Cancelled.' });
      void call(`draw(${engine}, ${id}, ${JSON.stringify(request)})`);
      const cancel = () => void call(`cancel(${id})`);
      signal.addEventListener('abort', cancel);
      try {
        while (true) {
          const event = waiting.shift();
          if (failed) throw failed;
          if (!event) await new Promise<void>((resolve) => (wake = resolve));
          else {
            yield event;
            if (event.type === 'done' || event.type === 'error') return;
          }
        }
      } finally {
        cancel();
      }
    };
  }

  describeEngine({ name: 'the panel by WASM', create, request });
  describeEdits({ name: 'the panel by WASM', create, request });

  it('goes on after its worker broke down: the same pictures, each once', async () => {
    const engine = await create();
    const seeds = [5, 6, 7];
    const undisturbed = picturesOf(await collect(engine, { ...request, seeds }));
    const pictures = [];
    for await (const event of engine({ ...request, seeds }, new AbortController().signal)) {
      if (event.type === 'picture' && pictures.push(event) === 1)
        for (const worker of page.workers()) await worker.evaluate(`setTimeout(() => { throw new Error('broken') })`);
      expect(event.type).not.toBe('error');
    }
    expect(pictures.map(({ seed, bytes }) => [seed, bytes])).toEqual(
      undisturbed.map(({ seed, bytes }) => [seed, bytes]),
    );
  });

  it('draws what Node draws, but where a code was a hair’s breadth from another', async () => {
    // One step: with refinement a patch that differs would be read again, and what follows from it differs too.
    const seeds = [1, 2, 3, 4];
    const size = { width: 256, height: 256 };
    const there = picturesOf(await collect(await create(), { ...request, seeds, size }));
    const here = picturesOf(
      await collect(createEngine(await open(inRoot(EMBEDDED_PACK))), { ...request, seeds, size }),
    );
    const shares = there.map(({ bytes }, index) => {
      const [a, b] = [decode(bytes).data, decode(here[index]!.bytes).data];
      let far = 0;
      a.forEach((value, at) => {
        far += Number(Math.abs(value - (b[at] as number)) > 8);
      });
      return far / a.length;
    });
    // Products round their inputs to 8 bits, each processor in its own way (ARCHITECTURE.md): a code may tip.
    // That changes its patch and what the decoder blends around it: four to ten thousandths of the picture for each.
    const told = `shares of values more than 8 of 255 apart: ${shares.join(', ')}`;
    expect(Math.max(...shares), told).toBeLessThan(0.02);
    expect(shares.reduce((sum, share) => sum + share, 0) / seeds.length, told).toBeLessThan(1 / 150);
  });
});
