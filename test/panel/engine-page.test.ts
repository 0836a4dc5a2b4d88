/** The engine page in a real Chromium, from a host that breaks off and lies when told to. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Pack } from '../../models/families/packs.js';

import { type GenerateRequest, REQUEST_DEFAULTS } from '../../models/protocol.js';
import { createEngine } from '../../models/run/generate.js';
import { EMBEDDED_PACK } from '../../scripts/embed.mjs';
import { inRoot } from '../../scripts/paths.mjs';
import { readPackFolder } from '../../server/packs/folder.js';
import { describeEdits } from '../support/edit-conformance.js';
import { collect, describeEngine, picturesOf } from '../support/engine-conformance.js';
import { makeTextPack, makeVarPack, open } from '../support/random-packs.js';
import { MAKE, putInAlbum } from './album-file.js';
import { CHROMIUM, openBrowser } from './browser.js';
import { differ } from './differ.js';
import { bridge, type EngineSite, openEngineSite } from './engine-site.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const SOFTWARE_GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

describe.skipIf(!CHROMIUM)('the engine page', async () => {
  const { pack } = await readPackFolder(inRoot(EMBEDDED_PACK));
  const request: GenerateRequest = {
    ...REQUEST_DEFAULTS,
    prompt: 'a large yellow star above a green square',
    pack: pack.id,
    seeds: [1],
    schedule: { kind: 'student', steps: 1 },
    sampling: null,
    size: { width: 64, height: 64 },
    draft: false,
  };
  // Software Vulkan takes minutes for a picture of the starter pack.
  const tiny = await makeTextPack();
  const small = { ...request, pack: (await readPackFolder(tiny)).pack.id };
  const scales = await makeVarPack();
  const next: GenerateRequest = {
    ...{ ...request, prompt: 'three', pack: 'tiny-var', size: { width: 128, height: 128 } },
    schedule: { kind: 'student', steps: 2 },
  };
  const bytes = pack.files.reduce((sum, { size }) => sum + size, 0);
  let site: EngineSite;
  let browser: Browser;
  let gpu: Browser;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    site = await openEngineSite(tiny, scales);
    browser = await openBrowser();
    gpu = await openBrowser(SOFTWARE_GPU);
  });
  afterEach(async () => {
    site.mischief = {};
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await gpu?.close();
    await site?.close();
  });

  /** A page of a panel of its own that holds the engine page. */
  async function openPanel(which = browser): Promise<Page> {
    const context = await which.newContext();
    contexts.push(context);
    const page = await context.newPage();
    await page.goto(`${site.url}/panel`);
    return page;
  }
  /** The page opened by itself. */
  async function openAlone(which = browser): Promise<Page> {
    const context = await which.newContext();
    contexts.push(context);
    const page = await context.newPage();
    await page.goto(`${site.url}/engine/`);
    await page.locator('#status').filter({ hasText: 'Runs on' }).waitFor();
    return page;
  }

  describe('in conformance', () => {
    let shared: BrowserContext;
    let panel: Page;
    beforeAll(async () => {
      shared = await browser.newContext();
      panel = await shared.newPage();
      await panel.goto(`${site.url}/panel`);
    });
    afterAll(() => shared?.close());
    describeEngine({ name: 'the engine page by WASM', create: () => bridge(panel), request });
    describeEdits({ name: 'the engine page by WASM', create: () => bridge(panel), request });
  });

  it('draws by WebGPU what it draws by WASM, but for the last bits', async () => {
    const [there, here] = [await openPanel(gpu), await openPanel()];
    const ask = `offer.find(new AbortController().signal)`;
    const found = (await there.evaluate(ask)) as { state: string; device: string };
    expect(found).toMatchObject({ state: 'ready' });
    expect(found.device).not.toMatch(/^Processor/);
    const [graphics, processor] = [
      picturesOf(await collect(await bridge(there), small)),
      picturesOf(await collect(await bridge(here), small)),
    ];
    expect(graphics).toHaveLength(1);
    expect(await differ(there, graphics[0]!.bytes, processor[0]!.bytes)).toBeLessThan(0.01);
    // A processor plays the graphics card, so this waits as long as the test below.
  }, 180_000);

  it('draws with scales, by WASM and by WebGPU what the command draws', async () => {
    const here = picturesOf(await collect(createEngine(await open(scales)), next));
    for (const which of [browser, gpu]) {
      const page = await openPanel(which);
      const there = picturesOf(await collect(await bridge(page), next));
      expect(there).toHaveLength(1);
      expect(await differ(page, there[0]!.bytes, here[0]!.bytes)).toBeLessThan(0.01);
    }
  }, 180_000);

  it('goes on after the device is lost: once on a new device, then by WASM, with the same seeds', async () => {
    const page = await openPanel(gpu);
    const seeds = [1, 2, 3, 4];
    const undisturbed = picturesOf(await collect(await bridge(page), { ...small, seeds }));
    let losses = 0;
    const pictures = [];
    for await (const event of (await bridge(page))({ ...small, seeds }, new AbortController().signal)) {
      if (event.type === 'picture') {
        pictures.push(event);
        if (losses++ < 2) for (const worker of page.workers()) await worker.evaluate('lastDevice.destroy()');
      }
      expect(event.type).not.toBe('error');
    }
    expect(pictures.map(({ index, seed }) => [index, seed])).toEqual(
      undisturbed.map(({ index, seed }) => [index, seed]),
    );
    for (const [index, { bytes }] of pictures.entries())
      expect(await differ(page, bytes, undisturbed[index]!.bytes)).toBeLessThan(0.01);
    const found = await page.evaluate(`offer.find(new AbortController().signal)`);
    expect(found).toMatchObject({ state: 'ready', device: 'Processor' });
  }, 180_000);

  it('goes on after its worker was killed', async () => {
    const page = await openPanel();
    const pictures = [];
    for await (const event of (await bridge(page))({ ...request, seeds: [5, 6, 7] }, new AbortController().signal)) {
      if (event.type === 'picture' && pictures.push(event) === 1)
        for (const worker of page.workers()) await worker.evaluate('self.close()');
      expect(event.type).not.toBe('error');
    }
    expect(pictures.map(({ seed }) => seed)).toEqual([5, 6, 7]);
  });

  it('goes on when its tab is hidden', async () => {
    const page = await openPanel();
    const session = await page.context().newCDPSession(page);
    const pictures = [];
    for await (const event of (await bridge(page))({ ...request, seeds: [5, 6, 7] }, new AbortController().signal)) {
      if (event.type !== 'picture' || pictures.push(event) > 1) continue;
      await session.send('Page.setWebLifecycleState', { state: 'frozen' });
      await new Promise((resolve) => setTimeout(resolve, 300));
      await session.send('Page.setWebLifecycleState', { state: 'active' });
    }
    expect(pictures).toHaveLength(3);
  });

  it('goes on with a download that broke off, and asks only for the rest', async () => {
    const page = await openPanel();
    site.mischief = { breakAfter: 100_000 };
    site.requests.length = 0;
    const events = await collect(await bridge(page), request);
    expect(events.at(-1)?.type).toBe('done');
    expect(site.requests.some(({ range }) => range === 'bytes=100000-')).toBe(true);
    // What was fetched once is not fetched again.
    const before = site.requests.length;
    await page.reload();
    expect((await collect(await bridge(page), request)).at(-1)?.type).toBe('done');
    expect(site.requests.slice(before).filter(({ path }) => path.endsWith('.onnx'))).toEqual([]);
  });

  it('refuses by name a pack whose files are not what it states', async () => {
    const page = await openPanel();
    site.mischief = { corrupt: true };
    expect((await collect(await bridge(page), request)).at(-1)).toMatchObject({
      type: 'error',
      code: 'damaged-pack',
      message: expect.stringContaining(pack.files[0]?.path ?? ''),
    });
    site.mischief = { lengthen: true };
    expect((await collect(await bridge(page), request)).at(-1)).toMatchObject({
      code: 'damaged-pack',
      message: expect.stringContaining('sends more than'),
    });
    site.mischief = {};
    expect((await collect(await bridge(page), request)).at(-1)?.type).toBe('done');
  });

  it('says when the storage is full, and draws once there is room', async () => {
    const page = await openPanel();
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: site.url, quotaSize: 500_000 });
    expect((await collect(await bridge(page), request)).at(-1)).toMatchObject({
      code: 'engine-unavailable',
      message: expect.stringContaining('storage is full'),
    });
    await session.send('Storage.overrideQuotaForOrigin', { origin: site.url });
    expect((await collect(await bridge(page), request)).at(-1)?.type).toBe('done');
  });

  it('fetches again what the browser has erased', async () => {
    const page = await openPanel();
    expect((await collect(await bridge(page), request)).at(-1)?.type).toBe('done');
    await page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('twostep');
      await folder.removeEntry('files', { recursive: true });
    });
    await page.reload();
    site.requests.length = 0;
    expect((await collect(await bridge(page), request)).at(-1)?.type).toBe('done');
    const graphs = pack.files.filter(({ path }) => path.endsWith('.onnx'));
    expect(site.requests.filter(({ path }) => path.endsWith('.onnx'))).toHaveLength(graphs.length);
  });

  it('hears nobody but the window around it, and only what it knows', async () => {
    const page = await openPanel();
    const answers = await page.evaluate(async (address) => {
      const heard: unknown[] = [];
      addEventListener('message', ({ data, ports }) => heard.push([data, ports.length]));
      const frame = document.createElement('iframe');
      frame.src = address;
      document.body.append(frame);
      await new Promise((resolve) => frame.addEventListener('load', resolve));
      // A window beside the panel, with a greeting that would be right.
      const stranger = document.createElement('iframe');
      stranger.srcdoc = `<script>parent.frames[parent.length - 2].postMessage({ type: 'twostep-hello', version: 1, nonce: '${'a'.repeat(32)}' }, '*')</script>`;
      document.body.append(stranger);
      await new Promise((resolve) => stranger.addEventListener('load', resolve));
      const say = (data: unknown) => frame.contentWindow?.postMessage(data, '*');
      for (const data of [null, 7, 'twostep-hello', {}, { type: 'draw', id: 0 }, { type: 'twostep-hello', version: 2 }])
        say(data);
      say({ type: 'twostep-hello', version: 1, nonce: 'short' });
      await new Promise((resolve) => setTimeout(resolve, 200));
      const before = heard.length;
      const nonce = 'b'.repeat(32);
      say({ type: 'twostep-hello', version: 1, nonce });
      say({ type: 'twostep-hello', version: 1, nonce: 'c'.repeat(32) });
      await new Promise((resolve) => setTimeout(resolve, 300));
      return { before, heard };
    }, `${site.url}/engine/`);
    expect(answers).toEqual({ before: 0, heard: [[{ type: 'twostep-ready', version: 1, nonce: 'b'.repeat(32) }, 1]] });
  });

  it('B9: looks like the panel, explains itself, says its storage in words, opened by itself', async () => {
    for (const [look, colorScheme, width] of [
      ['light', 'light', 600],
      ['dark', 'dark', 600],
      ['narrow', 'light', 320],
    ] as const) {
      const page = await openAlone();
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 640 });
      await page.getByText('The Twostep panel uses it to reach your GPU').waitFor();
      expect(await page.locator('#room').innerText()).toMatch(/^No model is stored yet\. .* allows up to [\d.]+ [GM]B/);
      await page.locator('input[name=words]').fill('green hills and a large sun');
      await page.locator('input[name=words]').press('Enter');
      await page.locator('#pictures a img').waitFor();
      await page.locator('#packs li').waitFor();
      expect(await page.locator('#room').innerText()).toMatch(/^One model takes [\d.]+ MB\./);
      expect(await page.locator('.caption').innerText()).toMatch(/green hills and a large sun\s+Seed 0/);
      const styleOf = (selector: string) =>
        page.locator(selector).evaluate((element) => {
          const { backgroundColor, borderRadius, fontSize, height } = getComputedStyle(element);
          return { backgroundColor, borderRadius, fontSize, height };
        });
      expect(await styleOf('button[type=submit]')).toEqual({
        backgroundColor: 'rgb(13, 116, 224)',
        borderRadius: '5px',
        fontSize: '11px',
        height: '24px',
      });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const { axe } = window as unknown as { axe: typeof import('axe-core') };
        const { violations } = await axe.run(document, { resultTypes: ['violations'] });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
      });
      expect(found).toEqual([]);
      if (MAKE) await putInAlbum(`engine-page-${look}`, await page.screenshot({ scale: 'css' }));
    }
  }, 180_000);

  it('draws, saves, shows what it keeps and erases it, opened by itself', async () => {
    const page = await openAlone();
    await page.locator('input[name=words]').fill('a calm sea');
    await page.locator('button[type=submit]').click();
    const picture = page.locator('#pictures a');
    await picture.locator('img').waitFor();
    const [saved] = await Promise.all([page.waitForEvent('download'), picture.click()]);
    expect(saved.suggestedFilename()).toBe('a-calm-sea-0.png');
    await page.locator('#packs li').waitFor();
    expect(await page.locator('#packs').innerText()).toContain(`${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`);
    await page.locator('#packs button').click();
    await page.locator('#packs li').waitFor({ state: 'detached' });
    expect(await page.locator('#room').innerText()).toMatch(/^No model is stored yet/);
  });

  it('takes a pack from a folder, and refuses one with a wrong hash by name', async () => {
    const page = await openAlone();
    const drop = page.locator('#drop input');
    await drop.setInputFiles(site.dropped.folder);
    await page.locator('#packs li').waitFor();
    await page.locator('#packs button').click();
    await page.locator('#packs li').waitFor({ state: 'detached' });
    const wrong = Pack.parse({
      ...pack,
      files: pack.files.map((file, index) =>
        index === 0 ? { ...file, sha256: createHash('sha256').update('other').digest('hex') } : file,
      ),
    });
    site.dropped.write(wrong);
    await drop.setInputFiles(site.dropped.folder);
    await page
      .locator('#notice')
      .filter({ hasText: wrong.files[0]?.path ?? '' })
      .waitFor();
    expect(await page.locator('#packs li').count()).toBe(0);
  });
});
