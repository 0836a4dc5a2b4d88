/**
 * What a picture costs without the companion, in a real Chromium: `npm run bench:browser`. Seconds swing with what else the machine
 * does, so each is told beside its ratio to a matrix product that the same runtime computed in the same run.
 */

import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import type { Browser, Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSchedule, scheduleOfSteps } from '../../models/families/packs.js';
import { createGraph } from '../../models/onnx/graph.js';
import { matMul } from '../../models/onnx/ops/network.js';
import { serializeModel } from '../../models/onnx/serialize.js';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../models/protocol.js';
import { bundlePage, UI_OUTPUTS } from '../../scripts/build-ui.mjs';
import { EMBEDDED_PACK, embedEngine } from '../../scripts/embed.mjs';
import { inRoot } from '../../scripts/paths.mjs';
import { readPackFolder } from '../../server/packs/folder.js';
import { collect, picturesOf } from '../support/engine-conformance.js';
import { makeTextPack } from '../support/random-packs.js';
import { CHROMIUM, openBrowser, openPanelPage } from './browser.js';
import { differ } from './differ.js';
import { bridge, openEngineSite } from './engine-site.js';

/** A side of the product that rates are measured with: large enough for the kernels' full speed, small enough for 12 repeats. */
const PRODUCT = 512;
const PICTURES = 4;

const say = (text: string) => void process.stdout.write(`${text}\n`);
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

type Bench = {
  timePicture(request: GenerateRequest): Promise<{ milliseconds: number; phases: Record<string, number> }>;
  measureRate(model: string, size: number): Promise<number>;
};

describe.skipIf(!process.env['TWOSTEP_BENCH'] || !CHROMIUM)('pictures without the companion', async () => {
  const { pack } = await readPackFolder(inRoot(EMBEDDED_PACK));
  const request: GenerateRequest = {
    ...REQUEST_DEFAULTS,
    prompt: pack.ideas[0] ?? 'hills',
    pack: pack.id,
    seeds: [1],
    schedule: scheduleOfSteps(pack, 2),
    sampling: null,
    size: { width: 256, height: 256 },
    draft: false,
  };
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  it('sizes and parsing of the one file', async () => {
    const plain = await bundlePage('ui/panel/panel.html', 'ui/panel/main.ts', 'ui/panel/style/panel.css');
    const { page: whole } = await embedEngine(plain.page);
    const part = (id: string) => new RegExp(`id="${id}">([^<]*)`).exec(whole)?.[1]?.length ?? 0;
    const budget = UI_OUTPUTS.find(({ name }) => name === 'panel.html')?.budget ?? 0;
    say(
      `the panel's file: ${megabytes(whole.length)} of ${megabytes(budget)} of text; in it the runtime ${megabytes(part('embedded-runtime'))}, the pack ${megabytes(part('embedded-files'))}, the panel itself ${megabytes(plain.page.length)}`,
    );
    const folder = await mkdtemp(join(tmpdir(), 'twostep-bench-'));
    try {
      writeFileSync(join(folder, 'panel.html'), whole);
      writeFileSync(join(folder, 'plain.html'), plain.page);
      const page = await browser.newPage();
      for (const name of ['plain', 'panel']) {
        const times: number[] = [];
        for (let repeat = 0; repeat < 3; repeat++) {
          await page.goto(`file://${folder}/${name}.html`);
          times.push(
            await page.evaluate(() => {
              const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
              return entry?.domInteractive ?? 0;
            }),
          );
        }
        say(
          `${name === 'panel' ? 'with' : 'without'} engine it is parsed ${seconds(Math.min(...times))} after opening`,
        );
      }
      await page.close();
    } finally {
      await rm(folder, { recursive: true });
    }
    expect(whole.length).toBeLessThan(budget);
    // What base64 costs: beside the number of bytes that a host which compresses would send.
    say(`deflated once more it is ${megabytes(deflateRawSync(whole).length)}`);
  });

  it('a picture, one thread of WASM', async () => {
    const html = await bundlePage('ui/panel/panel.html', 'test/panel/bench-entry.ts', 'ui/panel/style/panel.css');
    const page = await browser.newPage();
    await page.setContent((await embedEngine(html.page)).page);
    const call = <Name extends keyof Bench>(name: Name, ...given: Parameters<Bench[Name]>) =>
      page.evaluate(`${name}(...${JSON.stringify(given)})`) as ReturnType<Bench[Name]>;
    const rate = await call('measureRate', await productModel(), PRODUCT);
    say(`one thread of WASM multiplies ${(rate / 1e9).toFixed(1)} GFLOP/s`);
    const first = await call('timePicture', request);
    say(`first picture, runtime and pack unpacked and loaded: ${seconds(first.milliseconds)}`);
    for (const [name, schedule] of [
      ['two steps', request.schedule],
      ['as the pack is meant to be drawn', defaultSchedule(pack)],
    ] as const) {
      const times = [];
      for (let seed = 2; seed < 2 + PICTURES; seed++)
        times.push(await call('timePicture', { ...request, seeds: [seed], schedule }));
      const best = times.reduce((a, b) => (b.milliseconds < a.milliseconds ? b : a));
      const products = (best.milliseconds / 1000) * (rate / (2 * PRODUCT ** 3));
      const phases = Object.entries(best.phases).map(([phase, time]) => `${phase} ${time.toFixed(0)}`);
      say(
        `${name}: ${seconds(best.milliseconds)} a picture, the time of ${products.toFixed(0)} products of ${PRODUCT} (${phases.join(', ')} ms)`,
      );
      expect(best.milliseconds).toBeGreaterThan(0);
    }
    await page.close();
  });

  it('from opening the panel to the first picture', async () => {
    const stored = { settings: JSON.stringify({ count: 1 }) };
    // The first one builds the page as well.
    await (await openPanelPage(browser, { complete: true, stored })).close();
    // By the panel's own clock, from the first byte of its page on: how the test gets 20 MB into the frame is no concern of Figma's.
    const clock = (panel: Frame) =>
      panel.evaluate(() => performance.now() - (window as unknown as { openedAt: number }).openedAt);
    for (const [quality, thought] of [
      ['draft', 0],
      ['standard', 0],
      ['standard', 5000],
    ] as const) {
      const opened = await openPanelPage(browser, {
        complete: true,
        stored: { settings: JSON.stringify({ count: 1, quality }) },
      });
      const field = opened.panel.locator('textarea');
      await field.waitFor();
      const ready = await clock(opened.panel);
      // Somebody who thinks of words first finds the engine ready.
      await opened.page.waitForTimeout(thought);
      await field.pressSequentially('hills', { delay: 60 });
      await field.press('Enter');
      const pressed = await clock(opened.panel);
      await opened.panel.locator('.tile.done').first().waitFor({ timeout: 300_000 });
      const drawn = await clock(opened.panel);
      say(
        `${quality}: words can be typed after ${seconds(ready)}, Enter was pressed after ${seconds(pressed)}, the first picture is there ${seconds(drawn - pressed)} later (${seconds(drawn)})`,
      );
      expect(opened.faults).toEqual([]);
      await opened.close();
    }
  });

  it('WebGPU on software Vulkan', async () => {
    const tiny = await makeTextPack();
    const site = await openEngineSite(tiny);
    const gpu = await openBrowser(['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']);
    try {
      const small = { ...request, pack: (await readPackFolder(tiny)).pack.id, size: { width: 64, height: 64 } };
      const drawn = [];
      for (const which of [gpu, browser]) {
        const page = await (await which.newContext()).newPage();
        await page.goto(`${site.url}/panel`);
        const found = (await page.evaluate(`offer.find(new AbortController().signal)`)) as { device?: string };
        drawn.push({ page, device: found.device, pictures: picturesOf(await collect(await bridge(page), small)) });
      }
      const [graphics, processor] = drawn as [(typeof drawn)[0], (typeof drawn)[0]];
      const share = await differ(
        graphics.page,
        graphics.pictures[0]?.bytes ?? new Uint8Array(),
        processor.pictures[0]?.bytes ?? new Uint8Array(),
      );
      say(
        `${graphics.device} beside ${processor.device}: ${(share * 100).toFixed(3)} % of the values are more than 8 of 255 apart (how fast it is there says nothing of a graphics card)`,
      );
      expect(share).toBeLessThan(0.01);
    } finally {
      await gpu.close();
      await site.close();
    }
  });
});

async function productModel(): Promise<string> {
  const graph = createGraph('product');
  const square = (name: string) => graph.input(name, 'float32', [PRODUCT, PRODUCT]);
  graph.output('y', matMul(square('x'), square('w')));
  return Buffer.from(await serializeModel(graph)).toString('base64');
}
