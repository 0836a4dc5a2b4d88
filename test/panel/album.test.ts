/**
 * Goes through every state of the panel in light, dark, narrow, wide, with the system's own colours and with more contrast: axe finds nothing, nothing is cut off. With
 * TWOSTEP_ALBUM=1 the pictures in test/panel/album are made anew.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALBUM, MAKE, putInAlbum } from './album-file.js';
import { CHROMIUM, openBrowser, openPanelPage, type PanelPage } from './browser.js';
import { SCENES, type Scene } from './scenes.js';

/** Bytes of all pictures together. */
const BUDGET = 1_700_000;
/** Scenes that are worth a picture where the window is narrow or wide, and where the system has colours of its own. */
const SOME = [
  'empty',
  'done',
  'drawing',
  'failed',
  'pairing',
  'history',
  'settings',
  'long-prompt',
  'picture-menu',
  'plan',
];
const WIDTHS = [...SOME, 'runs', 'preview', 'place-all', 'wrong-code'];
const NARROW = [...WIDTHS, 'options', 'plan-menu', 'layout-menu', 'keep-menu'];
/** Made by engine-page.test.ts. */
const OTHERS = ['engine-page-light.webp', 'engine-page-dark.webp', 'engine-page-narrow.webp'];
/** A file of Figma's font, for whoever wants to look at the panel with it: machines without it show the system's. */
const INTER = process.env['TWOSTEP_INTER'];
/** A folder for screenshots as they are, instead of the album. */
const PNG = process.env['TWOSTEP_ALBUM_PNG'];
type Look = {
  readonly look: string;
  readonly dark?: boolean;
  readonly only?: readonly string[];
  readonly media?: Parameters<Page['emulateMedia']>[0];
};
type Size = { readonly width: number; readonly height: number; readonly looks: readonly Look[] };
/** Looks of one size share a page, which is dressed anew for each. */
const SIZES: readonly Size[] = [
  {
    width: 320,
    height: 560,
    looks: [
      { look: 'light' },
      { look: 'dark', dark: true },
      { look: 'forced', dark: true, only: SOME, media: { forcedColors: 'active', colorScheme: 'dark' } },
      { look: 'contrast', only: SOME, media: { contrast: 'more' } },
    ],
  },
  { width: 240, height: 400, looks: [{ look: 'narrow', only: NARROW }] },
  { width: 600, height: 560, looks: [{ look: 'wide', dark: true, only: WIDTHS }] },
];
const PLAIN = { forcedColors: 'none', colorScheme: 'light', contrast: 'no-preference' } as const;
const isIn = ({ name, onlyNarrow = false }: Scene, { look, only }: Look) =>
  (!only || only.includes(name)) && (!onlyNarrow || look === 'narrow');

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe.skipIf(!CHROMIUM)('every state of the panel', { timeout: 180_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
    if (MAKE) mkdirSync(ALBUM, { recursive: true });
  });
  afterAll(() => browser?.close());

  for (const { looks, ...size } of SIZES)
    for (const scene of SCENES) {
      const { name, options, play } = scene;
      const mine = looks.filter((look) => isIn(scene, look));
      if (mine.length === 0) continue;
      it(`${name}, ${mine.map(({ look }) => look).join(', ')}`, async () => {
        const media = { reducedMotion: 'reduce' } as const;
        const one = await openPanelPage(browser, { ...options, ...size, media, scale: MAKE ? 1.5 : 1 });
        if (INTER) {
          const font = readFileSync(INTER).toString('base64');
          const face = `font-family: Inter; font-weight: 100 900; src: url(data:font/woff2;base64,${font})`;
          await one.panel.addStyleTag({ content: `@font-face { ${face} }` });
        }
        await play(one);
        await one.page.mouse.move(0, 0);
        await one.panel.evaluate(axe);
        for (const { look, dark = false, media } of mine) {
          await one.page.emulateMedia({ ...PLAIN, ...media });
          await one.panel.evaluate((dark) => {
            document.documentElement.className = dark ? 'figma-dark' : 'figma-light';
          }, dark);
          await one.page.waitForTimeout(50);
          expect(await faultsOf(one), look).toEqual([]);
          if (!MAKE) continue;
          const png = await one.page.screenshot();
          if (PNG) writeFileSync(`${PNG}/${name}-${look}.png`, png);
          else await putInAlbum(`${name}-${look}`, png);
        }
        expect(one.faults).toEqual([]);
        await one.close();
      });
    }

  it('is an album of these and no others, within its budget', () => {
    const wanted = SIZES.flatMap(({ looks }) => looks)
      .flatMap((look) => SCENES.filter((scene) => isIn(scene, look)).map(({ name }) => `${name}-${look.look}.webp`))
      .concat(OTHERS);
    if (MAKE && !PNG) for (const name of readdirSync(ALBUM)) if (!wanted.includes(name)) rmSync(`${ALBUM}${name}`);
    expect(readdirSync(ALBUM).sort()).toEqual(wanted.sort());
    const bytes = readdirSync(ALBUM).reduce((sum, name) => sum + statSync(`${ALBUM}${name}`).size, 0);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(BUDGET);
  });
});

/** What axe finds, what sticks out of the window, and what moves although it should not. */
async function faultsOf(one: PanelPage): Promise<string[]> {
  return one.panel.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    // The panel's own rules; that a page has one main landmark is the affair of the page around it.
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => `${html} ${any[0]?.message ?? ''}`).join(' | ')}`,
    );
    const wide = document.documentElement.scrollWidth - innerWidth;
    if (wide !== 0) found.push(`${wide} pixels too wide`);
    const moving = document.getAnimations().length;
    if (moving > 0) found.push(`${moving} animations`);
    return found;
  });
}
