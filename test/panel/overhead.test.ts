import { describe, expect, it } from 'vitest';
import { CHROMIUM } from './browser.js';
import { draw, usePanels } from './panels.js';
import type { createScene } from './scene-engine.js';

describe.skipIf(!CHROMIUM)('the panel’s own time', () => {
  const start = usePanels();

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
