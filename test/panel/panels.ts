/** Panels for the tests of one file: a browser for all of them; every panel is closed after its test, which fails if one had faults. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { openBrowser, openPanelPage, type PanelPage, type PanelPageOptions } from './browser.js';

/** To be called within `describe`. */
export function usePanels(): (options?: PanelPageOptions) => Promise<PanelPage> {
  let browser: Browser;
  let open: PanelPage[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    const faults = open.flatMap((one) => one.faults);
    await Promise.all(open.map((one) => one.close()));
    open = [];
    expect(faults).toEqual([]);
  });
  return async (options = {}) => {
    const one = await openPanelPage(browser, options);
    open.push(one);
    return one;
  };
}

export const field = (one: PanelPage) => one.panel.locator('textarea');

export async function draw(one: PanelPage, words = 'green hills'): Promise<void> {
  await field(one).fill(words);
  await field(one).press('Enter');
  await one.panel.locator('.actions .primary').waitFor();
}
