/** The panel as it ships, in Figma's frames, with no companion and no network: it draws by itself. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openBrowser, openPanelPage } from './browser.js';

describe.skipIf(!CHROMIUM)('the panel by itself', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  it('draws without a companion and without a network, and the pictures reach the canvas', async () => {
    const began = Date.now();
    const { page, panel, requests, faults, inFigma, close } = await openPanelPage(browser, { complete: true });
    const opened = Date.now() - began;
    await panel.locator('textarea').fill('a large yellow star above a green square');
    const pressed = Date.now();
    await panel.locator('textarea').press('Enter');
    await panel.locator('.tile img').first().waitFor({ timeout: 30_000 });
    const first = Date.now() - pressed;
    await panel
      .locator('.tile.done')
      .first()
      .waitFor({ timeout: 60_000 })
      .catch(() => {});
    console.log({ opened, first, done: Date.now() - pressed });
    await page.screenshot({ path: '/tmp/wasm-panel.png' });
    console.log(await panel.locator('body').innerText());
    expect(requests).toEqual([]);
    expect(faults).toEqual([]);
    expect(await inFigma((figma) => figma.layers().length)).toBeGreaterThan(0);
    await close();
  });
});
