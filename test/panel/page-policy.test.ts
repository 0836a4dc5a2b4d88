/** The companion's pages in a real Chromium, under the policy that they are sent with. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundlePage } from '../../scripts/build-ui.mjs';
import type { PageFile } from '../../server/companion/pages.js';
import { startCompanion, type TestCompanion } from '../support/companion.js';
import { CHROMIUM, openBrowser } from './browser.js';

const PAGES = [
  ['/', 'ui/playground/index.html', 'ui/playground/main.ts', 'ui/playground/playground.css'],
  ['/panel.html', 'ui/panel/panel.html', 'ui/panel/main.ts', 'ui/panel/style/panel.css'],
  ['/engine/', 'ui/engine-page/index.html', 'ui/engine-page/main.ts', 'ui/engine-page/page.css'],
] as const;
/** Milliseconds on a busy machine. */
const LONG = 90_000;

describe.skipIf(!CHROMIUM)('D20: pages under their policy', { timeout: 2 * LONG }, () => {
  let browser: Browser;
  let companion: TestCompanion;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'twostep-policy-'));
    const pages = new Map<string, PageFile>();
    for (const [address, html, script, style] of PAGES) {
      const path = join(folder, `${pages.size}.html`);
      writeFileSync(path, (await bundlePage(html, script, style)).page);
      pages.set(address, { path, type: 'text/html; charset=utf-8', isolated: address === '/engine/' });
    }
    [browser, companion] = await Promise.all([openBrowser(), startCompanion({ pages })]);
  }, LONG);
  afterAll(async () => {
    await browser?.close();
    await companion?.close();
  });

  /** What the browser refused because of a policy, in its words. */
  async function openPage(address: string): Promise<{ page: Page; refused: string[] }> {
    const page = await browser.newPage();
    const refused: string[] = [];
    page.on('console', (message) => {
      if (/content security policy|refused to/i.test(message.text())) refused.push(message.text());
    });
    await page.goto(address, { waitUntil: 'load' });
    return { page, refused };
  }

  it('the playground and the panel in it work, and nothing of theirs is refused', async () => {
    const { page, refused } = await openPage(`${companion.url}/`);
    await page.waitForSelector('#tools *', { state: 'attached', timeout: LONG });
    await page.frameLocator('#panel').locator('#panel *').first().waitFor({ state: 'attached', timeout: LONG });
    const styled = await page.evaluate(() => getComputedStyle(document.querySelector('#window') as Element).position);
    expect(styled).not.toBe('static');
    expect(refused).toEqual([]);
    await page.close();
  });

  it('a script that somebody brings into a page does not run', async () => {
    const { page, refused } = await openPage(`${companion.url}/`);
    const ran = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'window.stranger = true';
      document.body.append(script);
      document.body.insertAdjacentHTML('beforeend', '<img src="x:" onerror="window.stranger = true">');
      await new Promise((resolve) => setTimeout(resolve, 500));
      return 'stranger' in window;
    });
    expect(ran).toBe(false);
    expect(refused.length).toBeGreaterThan(0);
    await page.close();
  });

  it('a stranger can nest the engine page, and none of the others', async () => {
    const page = await browser.newPage();
    // Of this machine as well, or the browser would ask the person first; another port is another origin.
    const stranger = createServer((request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end(`<iframe src="${companion.url}${request.url}"></iframe>`);
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as AddressInfo;
    const nest = (address: string) => page.goto(`http://127.0.0.1:${port}${address}`, { waitUntil: 'load' });
    await nest('/engine/');
    await page.frameLocator('iframe').locator('#status').waitFor({ state: 'attached', timeout: LONG });
    for (const address of ['/', '/panel.html']) {
      await nest(address);
      expect(await page.frameLocator('iframe').locator('#panel').count()).toBe(0);
    }
    await page.close();
    stranger.close();
  });
});
