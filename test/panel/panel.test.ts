import { describe, expect, it } from 'vitest';
import { REQUEST_DEFAULTS } from '../../models/protocol.js';
import { CHROMIUM } from './browser.js';
import { draw, field, usePanels } from './panels.js';

describe.skipIf(!CHROMIUM)('the panel in Figma’s frames', () => {
  const start = usePanels();

  it('is no secure context and has no origin, as in Figma', async () => {
    const { panel } = await start();
    expect(await panel.evaluate(() => [isSecureContext, origin, 'gpu' in navigator])).toEqual([false, 'null', false]);
  });

  it('asks nobody anything before it is told to', async () => {
    const one = await start();
    await one.page.waitForTimeout(300);
    expect(one.requests).toEqual([]);
  });

  it('has the keyboard in the field at once and names the target', async () => {
    const one = await start();
    expect(await field(one).getAttribute('placeholder')).toBe('Describe an image for “Hero”…');
    await one.inFigma((figma) => figma.select('Coast', 'Forest', 'Hills'));
    await one.panel.locator('textarea[placeholder="Describe images for 3 layers…"]').waitFor();
  });

  it('draws from an idea, shows drafts, places the picture, and one undo takes it back', async () => {
    const one = await start();
    await one.steer({ pace: 120 });
    await one.panel.getByRole('button', { name: 'rolling hills at sunset' }).click();
    await one.panel.getByRole('button', { name: 'Generate' }).click();
    await one.panel.locator('.tile.draft img').first().waitFor();
    const bar = one.panel.getByRole('progressbar');
    expect(Number(await bar.getAttribute('aria-valuenow'))).toBeLessThan(100);
    await one.panel.getByRole('button', { name: 'Place in Hero' }).click();
    await one.panel.locator('.badge.placed').waitFor();
    const fills = () => one.inFigma((figma) => figma.layers().find(({ name }) => name === 'Hero')?.fills);
    expect(await fills()).toMatchObject([{ type: 'IMAGE', scaleMode: 'FILL' }]);
    await one.inFigma((figma) => figma.model.undo());
    expect(await fills()).toEqual([]);
  });

  it('places a picture as vectors into the frame, with its share and its points shown', async () => {
    const one = await start();
    await one.inFigma((figma) => {
      figma.model.add({ type: 'FRAME', name: 'Card', x: 1300, width: 400, height: 400 });
      figma.model.commit();
      figma.select('Card');
    });
    await one.inSession((session) => session.change({ count: 1 }));
    await draw(one, 'green hills');
    await one.panel.getByRole('button', { name: 'Place as vectors' }).click();
    await one.panel.locator('.badge.placed').waitFor();
    const layers = await one.inFigma((figma) => [...figma.model.layers().values()]);
    const card = layers.find(({ name }) => name === 'Card');
    const frame = layers.find(({ name }) => name === 'green hills');
    expect(frame).toMatchObject({
      type: 'FRAME',
      parent: card?.id,
      data: { request: expect.stringContaining('green hills') },
    });
    expect(frame?.width).toBeGreaterThanOrEqual(card?.width ?? Number.NaN);
    const shapes = layers.filter(({ parent }) => layers.find(({ id }) => id === parent)?.parent === frame?.id);
    expect(shapes.length).toBeGreaterThan(2);
    expect(shapes[0]?.name).toContain('background');
    await one.inFigma((figma) => figma.model.undo());
    expect((await one.inFigma((figma) => figma.layers())).map(({ name }) => name)).not.toContain('green hills');
  });

  it('brings words and seed of a picture back when its layer is selected', async () => {
    const one = await start();
    await draw(one, 'green hills');
    await one.panel.getByRole('button', { name: 'Place in Hero' }).click();
    await one.panel.locator('.badge.placed').waitFor();
    await one.inFigma((figma) => figma.select('Banner'));
    await field(one).fill('something else');
    await one.inFigma((figma) => figma.select('Hero'));
    await expect.poll(() => field(one).inputValue()).toBe('green hills');
    await one.inFigma((figma) => figma.select('Banner'));
    await expect.poll(() => field(one).inputValue()).toBe('something else');
  });

  it('stops with Escape, keeps what is done, and leaves no placeholder', async () => {
    const one = await start();
    await one.steer({ pace: 150 });
    await one.inSession((session) => session.change({ straight: true, where: 'beside' }));
    await field(one).fill('dunes at sunset');
    await field(one).press('Enter');
    await one.panel.locator('.tile.done').first().waitFor();
    await field(one).press('Escape');
    await one.panel.getByRole('button', { name: 'Generate' }).waitFor();
    const done = await one.panel.locator('.tile').count();
    expect(done).toBeLessThan(4);
    const named = async (is: (name: string) => boolean) =>
      (await one.inFigma((figma) => figma.layers())).map(({ name }) => name).filter(is);
    // The panel is ready again before its last message has reached Figma.
    await expect.poll(() => named((name) => name.startsWith('Twostep'))).toEqual([]);
    expect((await named((name) => name === 'dunes at sunset')).length).toBe(done);
  });

  it('says what failed and tries the rest again', async () => {
    const one = await start();
    await one.steer({ after: 2, fault: 'engine-failed' });
    await field(one).fill('green hills');
    await field(one).press('Enter');
    await one.panel.getByRole('alert').waitFor();
    expect(await one.panel.getByRole('alert').innerText()).toContain('The graphics card ran into an error');
    expect(await one.panel.locator('.tile.done').count()).toBe(2);
    await one.steer({ fault: 'none' });
    await one.panel.getByRole('button', { name: 'Try again' }).click();
    // What was done stays beside what is drawn now.
    await expect.poll(() => one.panel.locator('.tile.done').count()).toBe(4);
    await expect.poll(() => one.panel.getByRole('alert').count()).toBe(0);
  });

  it('places all pictures with one press where there is nothing to fill', async () => {
    const one = await start();
    await one.inFigma((figma) => figma.select());
    await draw(one, 'green hills');
    await one.panel.getByRole('button', { name: 'Place all 4' }).click();
    await expect.poll(() => one.panel.locator('.badge.placed').count()).toBe(4);
    const names = (await one.inFigma((figma) => figma.layers())).map(({ name }) => name);
    expect(names.filter((name) => name === 'green hills').length).toBe(4);
  });

  it('pairs with the companion, wrong code first', async () => {
    const one = await start();
    await one.panel.locator('.foot .engine').click();
    await one.panel.getByRole('button', { name: 'Connect: Companion' }).click();
    const code = one.panel.getByLabel('Code from the companion’s window');
    await code.fill('123456');
    await code.press('Enter');
    await one.panel.locator('.card').getByText('Wrong code').waitFor();
    await code.fill('k7q 2mp');
    await code.press('Enter');
    await one.panel.locator('.foot').getByText('Companion · RTX 4070').waitFor();
  });

  it('pairs by the keyboard alone, and says what came of it', async () => {
    const one = await start();
    const focused = () =>
      one.panel.evaluate(() => {
        const { activeElement } = document;
        return activeElement?.getAttribute('aria-label') ?? activeElement?.className;
      });
    const said = () => one.panel.locator('[aria-live]').textContent();
    await one.panel.locator('.foot .engine').press('Enter');
    await one.panel.getByRole('button', { name: 'Connect: Companion' }).press('Enter');
    await expect.poll(focused).toBe('Code from the companion’s window');
    await expect.poll(said).toContain('Type the code');
    const code = one.panel.getByLabel('Code from the companion’s window');
    await code.fill('123456');
    await code.press('Enter');
    await expect.poll(said).toContain('Wrong code');
    // It is kept, and selected so that the next one replaces it.
    expect(await code.inputValue()).toBe('123456');
    const selection = () =>
      code.evaluate((box) => [(box as HTMLInputElement).selectionStart, (box as HTMLInputElement).selectionEnd]);
    await expect.poll(selection).toEqual([0, 6]);
    await one.page.keyboard.type('K7Q2MP');
    await one.page.keyboard.press('Enter');
    await expect.poll(said).toBe('Companion: ready.');
    await expect.poll(focused).toBe('What to generate');
  });

  it('falls back when the companion dies in the middle, with the same seeds', async () => {
    const one = await start();
    await one.inSession((session) => session.pair('companion', 'K7Q2MP'));
    await one.panel.locator('.foot').getByText('RTX 4070').waitFor();
    await one.steer({ after: 2, fault: 'engine-unavailable' }, 'companion');
    await draw(one);
    expect(await one.panel.getByRole('alert').innerText()).toContain('2 images continue in this panel');
    expect(await one.panel.locator('.tile.done').count()).toBe(4);
  });

  it('says after reopening what was being drawn, and draws it', async () => {
    const request = {
      ...REQUEST_DEFAULTS,
      prompt: 'green hills',
      pack: 'starter',
      seeds: [5],
      schedule: { kind: 'student', steps: 1 },
      sampling: null,
      size: { width: 256, height: 256 },
      draft: false,
    };
    const one = await start({
      stored: { settings: JSON.stringify({ unfinished: { job: 'job-1', engine: 'panel', request } }) },
    });
    await one.panel.getByText('The panel was closed while generating').waitFor();
    await one.panel.getByRole('button', { name: 'Generate again' }).click();
    await one.panel.locator('.tile.done').waitFor();
  });

  it('says that a file can only be viewed', async () => {
    const one = await start({ readOnly: true });
    await draw(one);
    await one.panel.getByRole('button', { name: 'Place in Hero' }).click();
    await one.panel.getByText('You can only view this file').waitFor();
  });
});
