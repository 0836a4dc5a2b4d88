/**
 * The playground as `npm start` opens it: paired by its address, used with pointer and keys, and a picture taken away as a file. With
 * TWOSTEP_ALBUM=1 the animation of the README is made anew.
 */
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/paths.mjs';
import { findManifestPort } from '../support/free-port.js';
import { type Served, startServing } from '../support/serve.js';
import { CHROMIUM, openBrowser } from './browser.js';

/** Milliseconds for a picture on a machine that is busy. */
const LONG = 300_000;
const MAKE = process.env['TWOSTEP_ALBUM'] === '1';
const ANIMATION = inRoot('ui', 'playground', 'playground.webp');
const VIEW = { width: 1120, height: 700 };

const folder = mkdtempSync(join(tmpdir(), 'twostep-playground-'));
const environment = {
  HOME: join(folder, 'home'),
  TWOSTEP_DATA: join(folder, 'data'),
  TWOSTEP_PACKS: join(folder, 'packs'),
  TWOSTEP_CACHE: join(folder, 'cache'),
  CI: '1',
};

describe.skipIf(!CHROMIUM)('the playground', { timeout: 2 * LONG }, () => {
  let browser: Browser;
  let served: Served;
  let port = 0;
  const frames: { readonly png: Buffer; readonly delay: number }[] = [];
  /** A picture of the animation, and how long it stays. */
  const film = async (page: Page, delay: number) => {
    if (MAKE) frames.push({ png: await page.screenshot(), delay });
  };

  beforeAll(async () => {
    mkdirSync(environment.HOME, { recursive: true });
    port = await findManifestPort();
    [browser, served] = await Promise.all([openBrowser(), startServing(environment, port)]);
  }, LONG);
  afterAll(async () => {
    await browser?.close();
    await served?.end('SIGKILL');
  });

  it('is paired by its address, draws, places, takes back, takes a drop, and gives the picture away', async () => {
    const code = /#pair=(\S+)/.exec(served.output())?.[1];
    const context = await browser.newContext({ viewport: VIEW });
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    // In the album's colours, whatever the machine says.
    await page.emulateMedia({ colorScheme: 'light' });
    await page.addInitScript(
      (quality) => {
        localStorage.setItem('twostep settings', JSON.stringify({ count: 2, quality }));
      },
      MAKE ? 'fine' : 'draft',
    );
    await page.goto(`http://localhost:${port}/#pair=${code}`);
    const panel = page.frameLocator('#panel');
    await panel.locator('.foot').getByText('Companion · Processor').waitFor();
    expect(page.url()).not.toContain('pair');

    const field = panel.locator('textarea');
    await film(page, 900);
    const words = 'mountains at night';
    for (let end = 3; end <= words.length + 3; end += 4) {
      await field.fill(words.slice(0, end));
      await film(page, 140);
    }
    await field.press('Enter');
    await panel.locator('.tile.draft img, .tile.done img').first().waitFor({ timeout: LONG });
    await film(page, 700);
    await panel.locator('.actions .primary').waitFor({ timeout: LONG });
    await film(page, 900);

    const fill = (name: string) => page.locator(`.layer[data-name="${name}"]`).getAttribute('data-fill');
    await panel.getByRole('button', { name: 'Place in Hero' }).click();
    await expect.poll(() => fill('Hero')).toContain('url(');
    await panel.locator('.badge.placed').waitFor();
    await film(page, 1300);

    await page.locator('#canvas').focus();
    await page.keyboard.press('Control+z');
    await expect.poll(() => fill('Hero')).not.toContain('url(');
    // It ends where the page began: the sample itself can't be undone.
    expect(await page.getByRole('button', { name: /^Undo/ }).isDisabled()).toBe(true);
    await page.keyboard.press('Control+Shift+z');
    await expect.poll(() => fill('Hero')).toContain('url(');

    // B3: what was undone and done again stands again.
    await panel.locator('.badge.placed').waitFor();

    // From the panel onto a layer of the canvas, by the pointer.
    await panel.locator('.tile.done').nth(1).dragTo(page.locator('.layer[data-name="Poster"]'));
    await expect.poll(() => fill('Poster')).toContain('url(');
    await film(page, 1500);

    // The panel grows by its corner, and its window moves by its title.
    const corner = await panel.getByRole('button', { name: /^Resize/ }).boundingBox();
    const before = await page.locator('#window').boundingBox();
    if (!corner || !before) throw new Error('there is no window');
    await page.mouse.move(before.x + 100, before.y + 20);
    await page.mouse.down();
    await page.mouse.move(before.x - 60, before.y + 30, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => (await page.locator('#window').boundingBox())?.x).toBe(before.x - 160);
    await page.mouse.move(corner.x - 160 + 7, corner.y + 10 + 7);
    await page.mouse.down();
    await page.mouse.move(corner.x - 160 + 87, corner.y + 10 + 7, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => (await page.locator('#window').boundingBox())?.width).toBe(before.width + 80);

    // And out of the page as a file.
    await page.locator('.layer[data-name="Hero"]').click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.save').click()]);
    expect(download.suggestedFilename()).toBe('Hero.png');
    expect([...readFileSync(await download.path()).subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);

    // B2: loaded again, the panel is connected by itself, and the canvas is as it was.
    await page.waitForTimeout(500);
    await page.reload();
    await panel.locator('.foot').getByText('Companion · Processor').waitFor();
    // The selected layer's image, out of the canvas as it was left.
    await panel.locator('.tile.done.chosen img').waitFor();
    for (const name of ['Hero', 'Poster']) await expect.poll(() => fill(name)).toContain('url(');
    await page.getByRole('button', { name: 'Start over with the sample' }).click();
    await expect.poll(() => fill('Hero')).not.toContain('url(');
    await page.getByRole('button', { name: /^Undo/ }).click();
    await expect.poll(() => fill('Hero')).toContain('url(');

    expect(faults).toEqual([]);
    await context.close();
    if (MAKE)
      await sharp(
        frames.map(({ png }) => png),
        { join: { animated: true } },
      )
        .webp({ quality: 62, effort: 6, loop: 0, delay: frames.map(({ delay }) => delay) })
        .toFile(ANIMATION);
  });
});
