/**
 * Goes through every state of the panel in light, dark, narrow, wide, with the system's own colours and with more contrast: axe finds nothing, nothing is cut off. With
 * TWOSTEP_ALBUM=1 the pictures in test/panel/album are made anew.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openBrowser, openPanelPage, type PanelPageOptions } from './browser.js';
import { SCENES } from './scenes.js';

const ALBUM = fileURLToPath(new URL('album/', import.meta.url));
const MAKE = process.env['TWOSTEP_ALBUM'] === '1';
/** Bytes of all pictures together. */
const BUDGET = 1_500_000;
/** Scenes that are worth a picture where the window is narrow or wide, and where the system has colours of its own. */
const SOME = ['empty', 'done', 'drawing', 'failed', 'pairing', 'history', 'settings', 'long-prompt', 'picture-menu'];
type Look = { readonly look: string; readonly only?: readonly string[] } & PanelPageOptions;
const LOOKS: readonly Look[] = [
  { look: 'light', dark: false },
  { look: 'dark', dark: true },
  { look: 'narrow', only: SOME, width: 240, height: 400 },
  { look: 'wide', only: SOME, dark: true, width: 600, height: 560 },
  { look: 'forced', only: SOME, dark: true, media: { forcedColors: 'active', colorScheme: 'dark' } },
  { look: 'contrast', only: SOME, media: { contrast: 'more' } },
];

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe.skipIf(!CHROMIUM)('every state of the panel', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
    if (MAKE) mkdirSync(ALBUM, { recursive: true });
  });
  afterAll(() => browser?.close());

  for (const { look, only, media, ...window } of LOOKS)
    for (const { name, options, play } of SCENES) {
      if (only && !only.includes(name)) continue;
      it(`${name}, ${look}`, async () => {
        const one = await openPanelPage(browser, {
          ...options,
          ...window,
          media: { ...media, reducedMotion: 'reduce' },
          scale: MAKE ? 1.5 : 1,
        });
        await play(one);
        await one.page.mouse.move(0, 0);
        await one.page.waitForTimeout(50);
        // The panel's own rules; that a page has one main landmark is the affair of the page around it.
        await one.panel.evaluate(axe);
        const found = await one.panel.evaluate(async () => {
          const { axe } = window as unknown as { axe: typeof import('axe-core') };
          const { violations } = await axe.run(document, { resultTypes: ['violations'] });
          return violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => `${html} ${any[0]?.message ?? ''}`).join(' | ')}`,
          );
        });
        expect(found).toEqual([]);
        expect(await one.panel.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
        // Nothing moves for those who want it still.
        expect(await one.panel.evaluate(() => document.getAnimations().length)).toBe(0);
        if (MAKE) {
          const png = await one.page.screenshot();
          if (process.env['TWOSTEP_ALBUM_PNG'])
            writeFileSync(`${process.env['TWOSTEP_ALBUM_PNG']}/${name}-${look}.png`, png);
          const webp = await one.panel.evaluate(async (base64) => {
            const image = await createImageBitmap(
              new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]),
            );
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [image.width, image.height];
            canvas.getContext('2d')?.drawImage(image, 0, 0);
            return canvas.toDataURL('image/webp', 0.55).split(',')[1] ?? '';
          }, png.toString('base64'));
          writeFileSync(`${ALBUM}${name}-${look}.webp`, Buffer.from(webp, 'base64'));
        }
        expect(one.faults).toEqual([]);
        await one.close();
      });
    }

  it('is an album of these and no others, within its budget', () => {
    const wanted = LOOKS.flatMap(({ look, only }) =>
      SCENES.filter(({ name }) => !only || only.includes(name)).map(({ name }) => `${name}-${look}.webp`),
    );
    if (MAKE) for (const name of readdirSync(ALBUM)) if (!wanted.includes(name)) rmSync(`${ALBUM}${name}`);
    expect(readdirSync(ALBUM).sort()).toEqual(wanted.sort());
    const bytes = readdirSync(ALBUM).reduce((sum, name) => sum + statSync(`${ALBUM}${name}`).size, 0);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(BUDGET);
  });
});
