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

  it('draws without a companion and without a network, and the picture reaches the canvas', async () => {
    const { panel, requests, faults, inFigma, close } = await openPanelPage(browser, { complete: true });
    await panel.locator('textarea').fill('a large yellow star above a green square');
    await panel.locator('textarea').press('Enter');
    await panel.locator('.tile.done').first().waitFor({ timeout: 60_000 });
    expect(await panel.locator('body').innerText()).toContain('This panel');
    await panel.getByRole('button', { name: /^Place in/ }).click();
    await expect
      .poll(() =>
        inFigma((figma) => figma.layers().some(({ name, data }) => name === 'Hero' && Object.keys(data).length > 0)),
      )
      .toBe(true);
    // A layer that is wide, and a picture of one ground: all of it is to be seen, and the ground goes on beside it.
    await inFigma((figma) => figma.select('Banner'));
    await panel.getByRole('button', { name: 'Place in Banner' }).click();
    await expect
      .poll(() => inFigma((figma) => figma.layers().find(({ name }) => name === 'Banner')?.fills))
      .toMatchObject([{ type: 'SOLID' }, { type: 'IMAGE', scaleMode: 'FIT' }]);
    expect(requests).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });

  it('repeats a pattern in a layer of another shape than it was drawn for', async () => {
    const { panel, inFigma, close } = await openPanelPage(browser, { complete: true });
    await inFigma((figma) => figma.select());
    await panel.locator('textarea').fill('blue and white stripes');
    await panel.locator('textarea').press('Enter');
    await panel.locator('.tile.done').first().waitFor({ timeout: 60_000 });
    await inFigma((figma) => figma.select('Banner'));
    await panel.getByRole('button', { name: 'Place in Banner' }).click();
    await expect
      .poll(() => inFigma((figma) => figma.layers().find(({ name }) => name === 'Banner')?.fills))
      .toMatchObject([{ type: 'IMAGE', scaleMode: 'TILE' }]);
    await close();
  });

  it('stops when it is told to, and draws again', async () => {
    const { panel, faults, close } = await openPanelPage(browser, { complete: true });
    const field = panel.locator('textarea');
    await field.fill('three red circles in a row');
    await field.press('Enter');
    await panel.getByRole('button', { name: 'Stop' }).click();
    await panel.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached', timeout: 30_000 });
    await field.press('Enter');
    await panel.locator('.tile.done').first().waitFor({ timeout: 60_000 });
    expect(faults).toEqual([]);
    await close();
  });
});
