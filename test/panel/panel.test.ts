import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openBrowser, openPanelPage, type PanelPage, type PanelPageOptions } from './browser.js';
import { historyOf } from './history-of.js';
import type { createScene } from './scene-engine.js';

describe.skipIf(!CHROMIUM)('the panel in Figma’s frames', () => {
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
  const start = async (options: PanelPageOptions = {}) => {
    const one = await openPanelPage(browser, options);
    open.push(one);
    return one;
  };
  const field = (one: PanelPage) => one.panel.locator('textarea');
  const draw = async (one: PanelPage, words = 'green hills') => {
    await field(one).fill(words);
    await field(one).press('Enter');
    await one.panel.locator('.actions .primary').waitFor();
  };

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
    expect(await field(one).getAttribute('placeholder')).toBe('Describe a picture for “Hero”…');
    await one.inFigma((figma) => figma.select('Coast', 'Forest', 'Hills'));
    await one.panel.locator('textarea[placeholder="Describe pictures for 3 layers…"]').waitFor();
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
    await one.panel.locator('.tile').first().getByRole('button', { name: 'More' }).click();
    const item = one.panel.getByRole('menuitem', { name: 'Place as vectors' });
    await one.panel.getByRole('menuitem', { name: /points/ }).waitFor();
    expect(await item.innerText()).toMatch(/\d+% · \d+ points/);
    await item.click();
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
    await one.panel.locator('.tile.done').first().waitFor();
    await expect.poll(() => one.panel.getByRole('alert').count()).toBe(0);
  });

  it('pairs with the companion, wrong code first', async () => {
    const one = await start();
    await one.panel.locator('.foot .engine').click();
    await one.panel.getByRole('button', { name: 'Connect: Companion' }).click();
    const code = one.panel.getByLabel('Code from the companion’s window');
    await code.fill('123456');
    await code.press('Enter');
    await one.panel.getByText('That is not the code').waitFor();
    await code.fill('k7q 2mp');
    await code.press('Enter');
    await one.panel.locator('.foot').getByText('Companion · RTX 4070').waitFor();
  });

  it('falls back when the companion dies in the middle, with the same seeds', async () => {
    const one = await start();
    await one.inSession((session) => session.pair('companion', 'K7Q2MP'));
    await one.panel.locator('.foot').getByText('RTX 4070').waitFor();
    await one.steer({ after: 2, fault: 'engine-unavailable' }, 'companion');
    await draw(one);
    expect(await one.panel.getByRole('alert').innerText()).toContain('2 pictures continue in this panel');
    expect(await one.panel.locator('.tile.done').count()).toBe(4);
  });

  it('says after reopening what was being drawn, and draws it', async () => {
    const request = {
      prompt: 'green hills',
      pack: 'starter',
      seeds: [5],
      schedule: { kind: 'student', steps: 1 },
      sampling: null,
      size: { width: 256, height: 256 },
      format: 'png',
      draft: false,
    };
    const one = await start({
      stored: { settings: JSON.stringify({ unfinished: { job: 'job-1', engine: 'panel', request } }) },
    });
    await one.panel.getByText('The panel was closed while drawing').waitFor();
    await one.panel.getByRole('button', { name: 'Draw again' }).click();
    await one.panel.locator('.tile.done').waitFor();
  });

  it('says that a file can only be viewed', async () => {
    const one = await start({ readOnly: true });
    await draw(one);
    await one.panel.getByRole('button', { name: 'Place in Hero' }).click();
    await one.panel.getByText('This file can only be viewed').waitFor();
  });

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
    expect(await wall.getAttribute('aria-label')).toBe('1000 pictures');
    expect(await wall.locator('img').count()).toBeLessThan(60);
    await wall.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await wall.getByRole('button', { name: 'prompt number 0', exact: true }).waitFor();
    expect(await wall.locator('img').count()).toBeLessThan(60);
    await one.panel.getByRole('searchbox').fill('number 77');
    await expect.poll(() => wall.getAttribute('aria-label')).toBe('19 pictures');
    await wall.getByRole('button', { name: 'prompt number 777', exact: true }).click();
    expect(await field(one).inputValue()).toBe('prompt number 777');
    await one.panel.getByRole('button', { name: 'Draw again' }).waitFor();
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
    await one.panel.getByRole('button', { name: 'Number of pictures: 4' }).focus();
    await one.page.keyboard.press('ArrowDown');
    await one.page.keyboard.press('Home');
    await one.page.keyboard.press('Enter');
    await one.panel.getByRole('button', { name: 'Number of pictures: 1' }).waitFor();
    expect(await one.panel.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
      'Number of pictures: 1',
    );
  });

  // A figure, not a gate: it is worth something only on a machine at rest (TWOSTEP_BENCH=1 npm test -- --project panel).
  it.runIf(process.env['TWOSTEP_BENCH'])('adds little to the engine from key press to picture', async () => {
    const one = await start();
    await one.inSession((session) => session.change({ count: 1, quality: 'draft' }));
    await draw(one, 'warm up');
    const times = await one.panel.evaluate(async () => {
      const { panel } = (window as unknown as { scene: { panel: ReturnType<typeof createScene> } }).scene;
      const [request] = panel.control.requests;
      const alone: number[] = [];
      const whole: number[] = [];
      for (let time = 0; time < 7 && request; time++) {
        let began = performance.now();
        for await (const event of panel.engine(request, new AbortController().signal))
          if (event.type === 'picture') break;
        alone.push(performance.now() - began);
        const before = document.querySelector('.tile img')?.getAttribute('src');
        began = performance.now();
        document
          .querySelector('textarea')
          ?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
        for (;;) {
          const image = document.querySelector<HTMLImageElement>('.tile.done img');
          if (image && image.getAttribute('src') !== before) {
            // On screen: unpacked, and not only asked for.
            await image.decode();
            break;
          }
          await new Promise((resolve) => setTimeout(resolve, 0));
        }
        whole.push(performance.now() - began);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return { alone, whole };
    });
    // The middle ones: other work on the machine is not the panel's.
    const middle = (list: number[]) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
    const overhead = middle(times.whole) - middle(times.alone);
    process.stderr.write(
      `The panel adds ${overhead.toFixed(1)} ms to ${middle(times.alone).toFixed(1)} ms of the engine.\n`,
    );
    expect(overhead).toBeLessThan(20);
  });
});
