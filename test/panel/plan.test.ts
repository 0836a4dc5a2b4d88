/** Plan controls in a real browser: what is kept the same, by pointer, by keyboard, and over restarts. */
import { describe, expect, it } from 'vitest';
import type { GenerateRequest } from '../../models/protocol.js';
import { MODEL } from '../support/panel-session.js';
import { DRAWINGS } from '../unit/scene/drawings-vocabulary.js';
import { CHROMIUM, type PanelPage } from './browser.js';
import { draw, field, usePanels } from './panels.js';

describe.skipIf(!CHROMIUM)('what is kept the same from image to image', () => {
  const start = usePanels();

  async function open(options: Parameters<typeof start>[0] = {}): Promise<PanelPage> {
    const one = await start(options);
    await connect(one);
    return one;
  }
  async function connect(one: PanelPage): Promise<void> {
    await one.steer({ pace: 1, finding: { state: 'ready', device: '', models: [{ ...MODEL, vocabulary: DRAWINGS }] } });
    await one.inSession((session) => session.look('panel'));
    await one.panel.locator('.plan').waitFor({ state: 'attached' });
  }
  const row = (one: PanelPage) => one.panel.getByRole('group', { name: 'Keep the same in every image' });
  const control = (one: PanelPage, name: string) => row(one).getByRole('button', { name, exact: true });
  const item = (one: PanelPage, name: string) => one.panel.getByRole('menu').getByText(name, { exact: true });
  const focused = (one: PanelPage) => one.panel.locator(':focus');
  const requests = (one: PanelPage): Promise<readonly GenerateRequest[]> =>
    one.panel.evaluate(
      () =>
        (window as unknown as { scene: { panel: { control: { requests: GenerateRequest[] } } } }).scene.panel.control
          .requests,
    );
  const lastPlan = async (one: PanelPage) => (await requests(one)).at(-1)?.plan;

  it('is offered only by models that compose scenes', async () => {
    const one = await start();
    expect(await one.panel.locator('.plan').count()).toBe(0);
    await connect(one);
    expect(await row(one).getByRole('button').allInnerTexts()).toEqual(['Background', 'Layout', 'Style', 'Colour']);
  });

  it('is chosen, asked for, and cleared by the keyboard alone', async () => {
    const one = await open();
    await control(one, 'Background: Any').focus();
    await one.page.keyboard.press('ArrowDown');
    expect(await focused(one).innerText()).toBe('Any');
    await one.page.keyboard.press('m');
    expect(await focused(one).innerText()).toBe('Mint');
    await one.page.keyboard.press('Enter');
    expect(await focused(one).getAttribute('aria-label')).toBe('Background: Mint');
    await one.page.keyboard.press('Tab');
    expect(await focused(one).getAttribute('aria-label')).toBe('Layout: Any');
    await one.page.keyboard.press('Enter');
    // Places stand as they are called: three rows of three.
    for (const [key, place] of [
      ['ArrowDown', 'Top left'],
      ['ArrowRight', 'Top'],
      ['ArrowDown', 'Centre'],
      ['ArrowLeft', 'Left'],
    ] as const) {
      await one.page.keyboard.press(key);
      expect(await focused(one).innerText()).toBe(place);
    }
    await one.page.keyboard.press('Enter');
    expect(await focused(one).getAttribute('aria-label')).toBe('Layout: Left');
    await draw(one, 'a heart');
    expect(await lastPlan(one)).toEqual({ background: 'mint', layout: 'left' });
    await row(one).getByRole('button', { name: 'Keep nothing' }).focus();
    await one.page.keyboard.press('Enter');
    expect(await focused(one).getAttribute('aria-label')).toBe('Background: Any');
    expect(await row(one).getByRole('button').count()).toBe(4);
    await field(one).press('Enter');
    await expect.poll(() => lastPlan(one)).toEqual({});
  });

  it('goes round in a menu by arrows and ends with Escape', async () => {
    const one = await open();
    await control(one, 'Style: Any').press('Enter');
    await one.page.keyboard.press('ArrowUp');
    expect(await focused(one).innerText()).toBe('Solid');
    await one.page.keyboard.press('ArrowDown');
    expect(await focused(one).innerText()).toBe('Any');
    await one.page.keyboard.press('Escape');
    expect(await one.panel.getByRole('menu').count()).toBe(0);
    expect(await focused(one).getAttribute('aria-label')).toBe('Style: Any');
  });

  it('shows colours as they are', async () => {
    const one = await open();
    await control(one, 'Background: Any').click();
    const swatch = (name: string) =>
      one.panel
        .getByRole('menuitemcheckbox', { name, exact: true })
        .locator('.swatch')
        .evaluate((element) => getComputedStyle(element).background);
    expect(await swatch('Red')).toContain('rgb(230, 57, 70)');
    expect(await swatch('Pink to orange')).toContain('linear-gradient');
    await item(one, 'Pink to orange').click();
    await control(one, 'Background: Pink to orange').waitFor();
  });

  it('is taken from an image, for the next ones, and let go there', async () => {
    const one = await open();
    await draw(one, 'a heart');
    const more = () => one.panel.locator('.tile').first().getByRole('button', { name: 'More' }).click();
    const keep = (field: string) => one.panel.getByRole('menuitemcheckbox', { name: `Keep ${field}` });
    await more();
    const shown = (await keep('background').locator('small').innerText()).trim();
    expect(await keep('background').getAttribute('aria-checked')).toBe('false');
    for (const field of ['layout', 'style', 'colour']) expect(await keep(field).count()).toBe(1);
    await keep('background').click();
    await control(one, `Background: ${shown}`).waitFor();
    expect(await one.panel.getByRole('status').last().innerText()).toBe(`Background stays: ${shown}.`);
    await one.panel.locator('.tile .open').first().press('v');
    await expect.poll(async () => (await requests(one)).length).toBe(2);
    expect(await lastPlan(one)).toEqual({ background: shown.toLowerCase() });
    await one.panel.locator('.actions .primary').waitFor();
    await more();
    expect(await keep('background').getAttribute('aria-checked')).toBe('true');
    await keep('background').click();
    await control(one, 'Background: Any').waitFor();
  });

  it('is taken from the selected image by the keyboard, too', async () => {
    const one = await open();
    await one.inSession((session) => session.setSeed(48_210));
    await draw(one, 'a heart');
    await control(one, 'Layout: Any').focus();
    await one.page.keyboard.press('Enter');
    await one.page.keyboard.press('ArrowUp');
    expect(await focused(one).innerText()).toMatch(/^As in the selected image\s+Centre, large$/);
    await one.page.keyboard.press('Enter');
    await control(one, 'Layout: Centre, large').waitFor();
  });

  it('is there when the panel is opened again', async () => {
    const one = await open();
    await one.inSession((session) => session.pin('background', 'teal'));
    await one.closePanel();
    await one.openPanel();
    await connect(one);
    await control(one, 'Background: Teal').waitFor();
    await draw(one, 'a heart');
    expect(await lastPlan(one)).toEqual({ background: 'teal' });
  });

  it('lies on the layer with the image, and comes back with it', async () => {
    const one = await open();
    await one.inSession((session) => session.pin('colour', 'red'));
    await draw(one, 'search icon');
    await one.panel.getByRole('button', { name: 'Place in Hero' }).click();
    await one.panel.locator('.badge.placed').waitFor();
    await one.inSession((session) => session.clearPlan());
    await one.inFigma((figma) => figma.select('Banner'));
    await control(one, 'Colour: Any').waitFor();
    await one.inFigma((figma) => figma.select('Hero'));
    await control(one, 'Colour: Red').waitFor();
    await one.inFigma((figma) => figma.select('Banner'));
    await control(one, 'Colour: Any').waitFor();
  });

  it('stays in view in a narrow panel only while something is kept', async () => {
    const one = await open({ width: 240, height: 400 });
    expect(await row(one).count()).toBe(0);
    await one.panel.getByRole('button', { name: 'Options' }).click();
    await control(one, 'Background: Any').click();
    await item(one, 'Mint').click();
    await one.panel.getByRole('button', { name: 'Options' }).click();
    await control(one, 'Background: Mint').waitFor();
    await row(one).getByRole('button', { name: 'Keep nothing' }).click();
    await expect.poll(() => row(one).count()).toBe(0);
  });
});
