import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PORTS } from '../../../models/api.js';
import { COMMANDS } from '../../../plugin/messages.js';
import { bundleUi } from '../../../scripts/build-ui.mjs';

const manifest = JSON.parse(readFileSync(new URL('../../../manifest.json', import.meta.url), 'utf8'));

describe('manifest.json', () => {
  it('allows exactly the companion’s ports on this machine', () => {
    expect(manifest.networkAccess.allowedDomains).toEqual(PORTS.map((port) => `http://localhost:${port}`));
    expect(manifest.networkAccess.reasoning.length).toBeGreaterThan(40);
  });

  it('has a button for every command that a layer offers', () => {
    const buttons = manifest.relaunchButtons.map(({ command }: { command: string }) => command);
    expect(buttons).toEqual(COMMANDS.filter((command) => !['open', 'generate'].includes(command)));
  });

  it('declares dynamic pages, the editors, and a free prompt', () => {
    expect(manifest).toMatchObject({
      documentAccess: 'dynamic-page',
      editorType: ['figma', 'figjam', 'slides'],
      parameterOnly: false,
      parameters: [{ key: 'prompt', allowFreeform: true }],
    });
  });
});

describe('the bundles', () => {
  it('are what Figma takes: no import(, nothing newer than ES2017, one page that loads nothing', async () => {
    const { outputs } = await bundleUi();
    const text = (name: string) =>
      Buffer.from(outputs.find((output) => output.name === name)?.contents ?? '').toString();
    const sandbox = text('plugin.js');
    expect(sandbox).not.toMatch(/import\s*\(/);
    expect(sandbox).not.toMatch(/\?\.[a-zA-Z[(]|\?\?|\bcatch\{|\.\.\.[a-z]+\}/);
    const panel = text('panel.html');
    expect(panel).not.toMatch(/<link|<script[^>]+src|@import|url\(["']?http/);
    // What its engine is made of lies in elements that the browser does not run.
    expect(panel.match(/<script(?! type="(text\/plain|application\/json)")/g)?.length).toBe(1);
    // The manifest names files that the build writes.
    expect([manifest.main, manifest.ui]).toEqual(['dist/plugin.js', 'dist/panel.html']);
  });
});
