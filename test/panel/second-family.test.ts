/** The panel with a pack of the tests' own family inside: panel, worker and WASM draw it, and nothing else is changed for it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundlePage } from '../../scripts/build-ui.mjs';
import { embedEngine } from '../../scripts/embed.mjs';
import { ONLY_FAKE, writeFakePack } from '../support/fake-pack.js';
import { CHROMIUM } from './browser.js';
import { draw, usePanels } from './panels.js';

describe.skipIf(!CHROMIUM)('the panel with a second family', () => {
  const openPanel = usePanels();

  it('draws by itself, and the picture reaches the canvas', async () => {
    const folder = await writeFakePack(mkdtempSync(join(tmpdir(), 'twostep-fake-')));
    const plugins = [ONLY_FAKE];
    const { page } = await bundlePage('ui/panel/panel.html', 'ui/panel/main.ts', 'ui/panel/style/panel.css', plugins);
    const complete = (await embedEngine(page, { folder, plugins })).page;
    const one = await openPanel({ complete });
    await draw(one, 'gradient');
    await one.panel.locator('.tile.done').first().waitFor();
    expect(await one.panel.locator('body').innerText()).toContain('Gradients');
    await one.panel.getByRole('button', { name: /^Place in/ }).click();
    await expect
      .poll(() => one.inFigma((figma) => figma.layers().some(({ data }) => JSON.stringify(data).includes('gradients'))))
      .toBe(true);
  });
});
