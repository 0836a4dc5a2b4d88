/** Case A1 in the panel: words that are not understood are underlined while they are typed, and replaced with a press. */
import { describe, expect, it } from 'vitest';
import { MODEL } from '../support/panel-session.js';
import { SHAPES } from '../unit/vocabulary/shapes-vocabulary.js';
import { CHROMIUM, type PanelPage } from './browser.js';
import { field, usePanels } from './panels.js';

describe.skipIf(!CHROMIUM)('words that the model does not understand', () => {
  const start = usePanels();

  async function open(): Promise<PanelPage> {
    const one = await start();
    await one.steer({ finding: { state: 'ready', device: '', models: [{ ...MODEL, vocabulary: SHAPES }] } });
    await one.inSession((session) => session.look('panel'));
    return one;
  }
  const underlined = (one: PanelPage) => one.panel.locator('.underlines u').allInnerTexts();
  const instead = (one: PanelPage) => one.panel.locator('.instead');

  it('are underlined once they are finished, letter on letter behind the field', async () => {
    const one = await open();
    await field(one).pressSequentially('a fox', { delay: 5 });
    // The word under the caret is not finished yet.
    expect(await underlined(one)).toEqual([]);
    await expect.poll(() => underlined(one)).toEqual(['fox']);
    await field(one).pressSequentially(' and a yelow star', { delay: 5 });
    await expect.poll(() => underlined(one)).toEqual(['fox', 'yelow']);
    const looks = await one.panel.evaluate(() =>
      ['.prompt textarea', '.underlines'].map((selector) => {
        const element = document.querySelector(selector) as HTMLElement;
        const { fontSize, fontFamily, fontWeight, lineHeight, letterSpacing, paddingLeft, paddingTop, whiteSpace } =
          getComputedStyle(element);
        const { left, top } = element.getBoundingClientRect();
        const style = {
          fontSize,
          fontFamily,
          fontWeight,
          lineHeight,
          letterSpacing,
          paddingLeft,
          paddingTop,
          whiteSpace,
        };
        return { style, left, top, width: element.clientWidth, height: element.clientHeight };
      }),
    );
    expect(looks[1]).toEqual(looks[0]);
  });

  it('stay below their letters where the field scrolls', async () => {
    const one = await open();
    await field(one).fill(`${'a red star and\n'.repeat(14)}a fox`);
    await expect.poll(() => underlined(one)).toEqual(['fox']);
    const tops = await one.panel.evaluate(() => {
      const box = document.querySelector('.prompt textarea') as HTMLTextAreaElement;
      const copy = document.querySelector('.underlines') as HTMLElement;
      box.scrollTop = 60;
      box.dispatchEvent(new Event('scroll'));
      return [box.scrollTop, copy.scrollTop, box.clientWidth - copy.clientWidth];
    });
    expect(tops).toEqual([60, 60, 0]);
  });

  it('can be seen in light and dark', async () => {
    const one = await open();
    await field(one).fill('a fox ');
    await expect.poll(() => underlined(one)).toEqual(['fox']);
    const colours = () =>
      one.panel.evaluate(() => {
        const word = document.querySelector('.underlines u') as HTMLElement;
        const box = document.querySelector('.prompt') as HTMLElement;
        const { textDecorationColor, textDecorationLine } = getComputedStyle(word);
        return [textDecorationLine, textDecorationColor, getComputedStyle(box).backgroundColor];
      });
    const [line, light, ground] = await colours();
    expect(line).toBe('underline');
    expect(light).not.toBe(ground);
    await one.panel.evaluate(() => document.documentElement.classList.add('figma-dark'));
    const [, dark] = await colours();
    expect(dark).not.toBe(light);
  });

  it('are replaced by the nearest known ones with a press, or by keyboard alone', async () => {
    const one = await open();
    await field(one).fill('an office on yelow ');
    await expect.poll(() => underlined(one)).toEqual(['office', 'yelow']);
    expect(await instead(one).innerText()).toContain('“office” isn’t known. Nearest:');
    expect(await field(one).getAttribute('aria-describedby')).toBe('instead');
    await field(one).press('Tab');
    await one.panel.locator(':focus').press('Enter');
    await expect.poll(() => field(one).inputValue()).toBe('an house on yelow ');
    // The pointer says which word is meant.
    const place = await one.panel.locator('.underlines u').boundingBox();
    if (!place) throw new Error('nothing is underlined');
    await one.page.mouse.move(place.x + place.width / 2, place.y + place.height / 2);
    await expect.poll(() => instead(one).innerText()).toContain('“yelow” is read as:');
    await instead(one).getByRole('button', { name: 'Replace “yelow” with “yellow”' }).click();
    await expect.poll(() => field(one).inputValue()).toBe('an house on yellow ');
    await expect.poll(() => underlined(one)).toEqual([]);
    expect(await field(one).evaluate((box) => document.activeElement === box)).toBe(true);
  });

  it('are nobody’s concern where the model does not say what it understands', async () => {
    const one = await start();
    await field(one).fill('a cute fox ');
    await one.page.waitForTimeout(900);
    expect(await one.panel.locator('.underlines, .instead').count()).toBe(0);
  });
});
