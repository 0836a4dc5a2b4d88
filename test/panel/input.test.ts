/** What people and strangers put into the panel: any words, a thousand pictures, keys, messages that are none. */
import { describe, expect, it } from 'vitest';
import { CHROMIUM } from './browser.js';
import { historyOf } from './history-of.js';
import { draw, field, usePanels } from './panels.js';

describe.skipIf(!CHROMIUM)('what is put into the panel', () => {
  const start = usePanels();

  it.each([
    ['emoji', '🦊🏔️ ein Fuchs 👩‍🚀 im Schnee 🇩🇪'],
    ['right to left', 'تلال خضراء تحت سماء الصباح'],
    ['markup', '<img src=x onerror="alert(1)"> & </script> "quotes"'],
    ['very long', 'green hills '.repeat(1500)],
  ])('takes words as they are: %s', async (_, words) => {
    const one = await start();
    await draw(one, words);
    expect(await field(one).inputValue()).toBe(words);
    await one.panel.locator('.actions .primary').click();
    await one.panel.locator('.badge.placed').waitFor();
    const request = (await one.inFigma((figma) => figma.layers()))[0]?.data['request'] ?? '{}';
    expect(JSON.parse(request).prompt).toBe(words);
    // Nothing is wider than the window.
    expect(await one.panel.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  });

  it('scrolls through 1,000 pictures with only those in view in the document', async () => {
    const one = await start({ stored: historyOf(1000) });
    await one.panel.getByRole('button', { name: 'History' }).click();
    const wall = one.panel.locator('.wall');
    await wall.locator('img').first().waitFor();
    expect(await wall.getAttribute('aria-label')).toBe('1000 images');
    expect(await wall.locator('img').count()).toBeLessThan(60);
    await wall.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await wall.getByRole('button', { name: 'prompt number 0', exact: true }).waitFor();
    expect(await wall.locator('img').count()).toBeLessThan(60);
    await one.panel.getByRole('searchbox').fill('number 77');
    await expect.poll(() => wall.getAttribute('aria-label')).toBe('19 images');
    await wall.getByRole('button', { name: 'prompt number 777', exact: true }).click();
    expect(await field(one).inputValue()).toBe('prompt number 777');
    await one.panel.getByRole('button', { name: 'Generate again' }).waitFor();
  });

  it('does not listen to frames that are not Figma', async () => {
    const one = await start();
    await one.page.evaluate(() => {
      const between = document.querySelector('iframe')?.contentDocument;
      const stranger = between?.createElement('iframe') as HTMLIFrameElement;
      const lie = {
        type: 'selection',
        total: 1,
        targets: [{ id: '1', name: 'Evil', width: 1, height: 1, hindrance: null, request: null }],
      };
      stranger.src = `data:text/html,<script>parent.frames[0].postMessage(${JSON.stringify({ pluginMessage: lie })}, '*')</script>`;
      between?.body.append(stranger);
    });
    await one.page.waitForTimeout(300);
    expect(await field(one).getAttribute('placeholder')).toContain('Hero');
    // And from the right place, what is no message of ours is passed over.
    await one.page.evaluate(() => {
      for (const message of [
        null,
        7,
        {},
        { type: 'selection' },
        { type: 'selection', targets: 'x', total: 1 },
        { type: '__proto__' },
      ])
        document.querySelector('iframe')?.contentWindow?.postMessage({ down: { pluginMessage: message } }, '*');
    });
    await one.page.waitForTimeout(100);
    expect(await field(one).getAttribute('placeholder')).toContain('Hero');
  });

  it('recalls prompts with the up key and lets menus be used by keyboard alone', async () => {
    const one = await start();
    await draw(one, 'first words');
    await draw(one, 'second words');
    await field(one).fill('');
    await field(one).press('ArrowUp');
    await field(one).press('ArrowUp');
    expect(await field(one).inputValue()).toBe('first words');
    await field(one).press('ArrowDown');
    await field(one).press('ArrowDown');
    expect(await field(one).inputValue()).toBe('');
    await one.panel.getByRole('button', { name: 'Number of images: 4' }).focus();
    await one.page.keyboard.press('ArrowDown');
    await one.page.keyboard.press('Home');
    await one.page.keyboard.press('Enter');
    await one.panel.getByRole('button', { name: 'Number of images: 1' }).waitFor();
    expect(await one.panel.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
      'Number of images: 1',
    );
  });
});
