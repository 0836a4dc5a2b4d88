/** The panel and the canvas as people use them: rows B1 to B14 of the cases, in a real browser. */
import { describe, expect, it } from 'vitest';
import { CHROMIUM, type PanelPage } from './browser.js';
import { draw, field, usePanels } from './panels.js';

describe.skipIf(!CHROMIUM)('cases of panel and canvas', { timeout: 180_000 }, () => {
  const start = usePanels();
  const focused = (one: PanelPage) =>
    one.panel.evaluate(() => {
      const { activeElement: element } = document;
      return element?.getAttribute('aria-label') ?? (element === document.body ? 'nothing' : element?.textContent);
    });
  const button = (one: PanelPage, name: string | RegExp) => one.panel.getByRole('button', { name });
  /** Pixels that stick out of the window. */
  const tooWide = (one: PanelPage) => one.panel.evaluate(() => document.documentElement.scrollWidth - innerWidth);

  it('B1: asked for before an engine is there, generated once the companion is paired; the message is gone', async () => {
    const one = await start();
    await one.steer({ finding: { state: 'absent', why: 'unsupported', detail: '' } });
    await one.steer({ finding: { state: 'unpaired' } }, 'companion');
    await one.inSession((session) => session.look('panel'));
    await field(one).fill('green hills');
    await field(one).press('Enter');
    await one.panel.getByRole('alert').getByText('No engine is ready').waitFor();
    await button(one, 'Connect: Companion').click();
    const code = one.panel.getByLabel('Code from the companion’s window');
    await code.fill('K7Q2MP');
    await code.press('Enter');
    await one.panel.locator('.actions .primary').waitFor();
    expect(await one.panel.locator('.tile.done').count()).toBe(4);
    expect(await one.panel.locator('.notice').count()).toBe(0);
    expect(await one.panel.locator('.foot').innerText()).toContain('Companion · RTX 4070');
  });

  it('B3: what is undone on the canvas loses its tick, and is placed by "Place all" again', async () => {
    const one = await start();
    await one.inFigma((figma) => figma.select());
    await draw(one);
    await button(one, 'Place on canvas').click();
    await one.panel.locator('.badge.placed').waitFor();
    await button(one, 'Place all 3').waitFor();
    await one.inFigma((figma) => void figma.model.undo());
    await button(one, 'Place all 4').waitFor();
    expect(await one.panel.locator('.badge.placed').count()).toBe(0);
    await one.inFigma((figma) => void figma.model.redo());
    await one.panel.locator('.badge.placed').waitFor();
  });

  it('B4: the image of the selected layer is the result shown, with its caption and its shape', async () => {
    const one = await start();
    await one.inSession((session) => session.change({ count: 1 }));
    await one.inFigma((figma) => figma.select('Banner'));
    await draw(one, 'dunes at sunset');
    await button(one, 'Place in Banner').click();
    await one.panel.locator('.badge.placed').waitFor();
    // A panel that knows nothing of it any more.
    await one.closePanel();
    await one.inFigma((figma) => figma.select('Hero'));
    await one.openPanel();
    await draw(one, 'green hills');
    await one.inFigma((figma) => figma.select('Banner'));
    const first = one.panel.locator('.run').first();
    await first.locator('.caption').getByText('dunes at sunset').waitFor();
    await first.locator('.tile.done.chosen img').waitFor();
    const box = await first.locator('.tile').boundingBox();
    expect((box?.width ?? 0) / (box?.height ?? 1)).toBeGreaterThan(2.9);
    expect(await field(one).inputValue()).toBe('dunes at sunset');
    expect(await one.panel.locator('.run').nth(1).locator('.caption').innerText()).toContain('green hills');
    await one.inFigma((figma) => figma.select('Hero'));
    await expect.poll(() => first.locator('.caption').innerText()).toContain('green hills');
  });

  it('B5: runs stay below each other; what is deleted comes back by Ctrl+Z; Clear by its button', async () => {
    const one = await start();
    for (const words of ['green hills', 'dunes at sunset', 'pink blossom']) await draw(one, words);
    const captions = () => one.panel.locator('.caption .cut').allInnerTexts();
    expect(await captions()).toEqual(['pink blossom', 'dunes at sunset', 'green hills']);
    await one.panel.locator('.tile .open').nth(1).click();
    await one.page.keyboard.press('Delete');
    await expect.poll(() => one.panel.locator('.tile').count()).toBe(11);
    // The keyboard goes on from the next image.
    await expect.poll(() => focused(one)).toMatch(/^Image 2/);
    await one.page.keyboard.press('Control+z');
    await expect.poll(() => one.panel.locator('.tile').count()).toBe(12);
    await button(one, 'Clear').click();
    await expect.poll(captions).toEqual(['pink blossom']);
    await button(one, 'Undo').click();
    await expect.poll(captions).toEqual(['pink blossom', 'dunes at sunset', 'green hills']);
    // An image of an earlier run is placed like any other.
    await one.panel.locator('.run').nth(2).locator('.open').first().click();
    await button(one, 'Place in Hero').click();
    await one.panel.locator('.run').nth(2).locator('.badge.placed').waitFor();
  });

  it('B6: space shows an image large; arrows, numbers and zoom work there; Escape leads back', async () => {
    const one = await start({ width: 600 });
    await draw(one);
    const tile = await one.panel.locator('.tile').first().boundingBox();
    // Two columns fill the panel.
    expect(tile?.width).toBeGreaterThan(270);
    await one.panel.locator('.open').first().focus();
    await one.page.keyboard.press('3');
    await expect.poll(() => one.panel.locator('.tile.chosen .open').getAttribute('aria-label')).toMatch(/^Image 3/);
    await one.panel.locator('.open').nth(2).focus();
    await one.page.keyboard.press('Space');
    const large = one.panel.getByRole('dialog');
    await large.waitFor();
    const name = () => large.getAttribute('aria-label');
    expect(await name()).toMatch(/^Image 3/);
    const image = await large.locator('.stage').boundingBox();
    expect(image?.width).toBeGreaterThan(550);
    await one.page.keyboard.press('ArrowRight');
    expect(await name()).toMatch(/^Image 4/);
    await one.page.keyboard.press('1');
    expect(await name()).toMatch(/^Image 1/);
    await one.page.keyboard.press('+');
    await large.getByText('150%').waitFor();
    await one.page.keyboard.press('ArrowRight');
    // Larger than the window, arrows move the image instead.
    expect(await name()).toMatch(/^Image 1/);
    expect(await large.locator('img').getAttribute('style')).toContain('translate(-40px');
    await one.page.keyboard.press('0');
    await large.getByText('100%').waitFor();
    for (let stop = 0; stop < 12; stop++) await one.page.keyboard.press('Tab');
    expect(await large.evaluate((box) => box.contains(document.activeElement))).toBe(true);
    await one.page.keyboard.press('Control+Enter');
    await one.page.keyboard.press('Escape');
    await large.waitFor({ state: 'detached' });
    await expect.poll(() => focused(one)).toMatch(/^Image 1/);
    await one.panel.locator('.tile').first().locator('.badge.placed').waitFor();
    await one.panel.locator('.tile').nth(1).hover();
    await button(one, 'Large preview').nth(1).click();
    await large.waitFor();
    expect(await name()).toMatch(/^Image 2/);
  });

  it('B7: the menu has one line each with its shortcut, and one row lit', async () => {
    const one = await start();
    await draw(one);
    await one.panel.locator('.tile').first().getByRole('button', { name: 'More' }).click();
    const items = one.panel.getByRole('menuitem');
    const heights = await items.evaluateAll((all) => all.map((item) => item.clientHeight));
    expect(new Set(heights).size).toBe(1);
    expect(heights[0]).toBe(24);
    const texts = await items.allInnerTexts();
    expect(texts.map((text) => text.replace(/\s+/g, ' '))).toEqual([
      'Vary V',
      'Reword R',
      'Copy prompt Ctrl+C',
      'Save as PNG… Ctrl+S',
      'Save as SVG…',
      'Delete Del',
    ]);
    await items.nth(3).hover();
    const lit = await items.evaluateAll(
      (all) => all.filter((item) => getComputedStyle(item).backgroundColor !== 'rgba(0, 0, 0, 0)').length,
    );
    expect(lit).toBe(1);
    await one.page.keyboard.press('Escape');
    for (const name of ['Place as vectors', 'Vary', 'Reword']) await button(one, name).waitFor();
  });

  it('B8: one thing to do first; a wrong code is an error; an engine without a GPU does not call itself one', async () => {
    const one = await start();
    await one.steer({ finding: { state: 'ready', device: 'Processor', models: [] } }, 'page');
    await one.panel.locator('.foot .engine').click();
    expect(await one.panel.locator('.card h3').first().innerText()).toBe('Companion');
    expect(await one.panel.locator('.button.primary').allInnerTexts()).toEqual(['Connect']);
    await button(one, /: Browser$/).click();
    const page = one.panel.locator('.card', { hasText: 'Browser' });
    await page.getByText('No GPU was found here').waitFor();
    expect(await page.innerText()).not.toMatch(/Browser GPU/);
    await button(one, 'Connect: Companion').click();
    const code = one.panel.getByLabel('Code from the companion’s window');
    expect(await button(one, 'Pair').isEnabled()).toBe(true);
    await code.fill('123456');
    await code.press('Enter');
    await one.panel.locator('.card .error', { hasText: 'Wrong code' }).waitFor();
    expect(await code.getAttribute('aria-invalid')).toBe('true');
  });

  it('B10: in 240 pixels no word is cut, and quality and seed unfold', async () => {
    const one = await start({ width: 240, height: 480 });
    await one.inFigma((figma) => figma.select());
    await draw(one);
    const cut = await one.panel.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('.tools *, .actions *, .options *')]
        .filter((element) => element.children.length === 0 && element.offsetParent !== null && element.textContent)
        .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
        .map((element) => element.textContent),
    );
    expect(cut).toEqual([]);
    expect(await tooWide(one)).toBe(0);
    const seed = one.panel.getByLabel('Seed', { exact: true });
    expect(await seed.isVisible()).toBe(false);
    await button(one, 'Options').click();
    expect(await seed.isVisible()).toBe(true);
    const rows = await one.panel
      .locator('.actions .button')
      .evaluateAll((all) => [...new Set(all.map((element) => Math.round(element.getBoundingClientRect().top)))]);
    expect(rows.length).toBe(1);
  });

  it('B11: arrows go among images and runs, one Tab leaves them; Enter generates, Ctrl+Enter places', async () => {
    const one = await start();
    await draw(one, 'green hills');
    await draw(one, 'dunes at sunset');
    await field(one).focus();
    let stops = 0;
    while (!/^Place in/.test((await focused(one)) ?? '') && stops < 30) {
      await one.page.keyboard.press('Tab');
      stops += 1;
    }
    expect(stops).toBeLessThanOrEqual(11);
    await one.panel.locator('.open').first().focus();
    for (const [key, name] of [
      ['ArrowRight', /^Image 2: dunes/],
      ['ArrowDown', /^Image 4: dunes/],
      ['ArrowLeft', /^Image 3: dunes/],
      ['ArrowDown', /^Image 1: green/],
      ['End', /^Image 4: green/],
      ['ArrowUp', /^Image 2: green/],
      ['Home', /^Image 1: dunes/],
    ] as const) {
      await one.page.keyboard.press(key);
      expect(await focused(one)).toMatch(name);
      await expect.poll(() => one.panel.locator('.tile.chosen .open').getAttribute('aria-label')).toMatch(name);
    }
    await field(one).focus();
    await one.page.keyboard.press('Control+Enter');
    await one.panel.locator('.badge.placed').waitFor();
    expect(await one.panel.locator('.run').count()).toBe(2);
  });

  it('B12: qualities that the model lacks are not there; white images have an edge; off switches are grey', async () => {
    const one = await start();
    expect(await one.panel.getByRole('radio', { name: 'Fine' }).count()).toBe(1);
    await one.inSession((session) => session.change({ model: 'imagenet-b' }));
    await expect.poll(() => one.panel.getByRole('radio', { name: 'Fine' }).count()).toBe(0);
    await one.inSession((session) => session.change({ model: 'starter' }));
    await draw(one);
    const edge = await one.panel
      .locator('.open')
      .first()
      .evaluate((element) => getComputedStyle(element, '::after').boxShadow);
    expect(edge).toMatch(/rgba\(0, 0, 0, 0\.1\) 0px 0px 0px 1px inset/);
    await button(one, 'Settings').click();
    const off = await one.panel
      .getByRole('switch')
      .first()
      .evaluate((element) => getComputedStyle(element).backgroundColor);
    expect(off).toBe('rgb(179, 179, 179)');
  });

  it('B13: a button on a layer whose request can’t be read says why', async () => {
    const one = await start();
    await one.closePanel();
    await one.inFigma((figma) => figma.model.change(figma.ids.hero, { data: { request: '{"prompt":7}' } }));
    await one.openPanel('regenerate');
    await one.panel.locator('.notice').getByText('The prompt of this image can’t be read').waitFor();
    expect(await one.panel.locator('.tile').count()).toBe(0);
  });

  it('B14: Enter that ends a composition generates nothing, in Safari’s way either', async () => {
    const one = await start();
    await field(one).fill('ガラスの城');
    const press = (init: { isComposing?: boolean; ctrlKey?: boolean; keyCode?: number }) =>
      field(one).evaluate((element, init) => {
        const event = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init });
        // A constructor takes no key code.
        if (init.keyCode !== undefined) Object.defineProperty(event, 'keyCode', { value: init.keyCode });
        element.dispatchEvent(event);
      }, init);
    await press({ isComposing: true });
    await press({ keyCode: 229 });
    await press({ keyCode: 229, ctrlKey: true });
    await one.page.waitForTimeout(200);
    expect(await one.panel.locator('.tile').count()).toBe(0);
    await press({ keyCode: 13 });
    await one.panel.locator('.actions .primary').waitFor();
  });
});
