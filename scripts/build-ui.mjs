/**
 * Bundles what runs in Figma and in the browser: the plugin's sandbox half as one old-fashioned script, the panel as one
 * page with everything inside, the playground as a folder of static files.
 */
import { readFileSync } from 'node:fs';
import { bundleScript } from './bundle-script.mjs';
import { SetupError } from './child.mjs';
import { embedEngine } from './embed.mjs';
import { inRoot } from './paths.mjs';

/** Files below dist/, and the bytes that each must stay below. */
export const UI_OUTPUTS = /** @type {const} */ ([
  { name: 'plugin.js', budget: 40_000 },
  // Runtime, starter pack and panel; what a page of Figma's was found to carry without harm.
  { name: 'panel.html', budget: 32_000_000 },
  // Script, style and page without a model. Where a pack composes scenes the panel composes them as well, to say what an image shows: 14 kB. Colours: 5 kB.
  { name: 'playground/panel.html', budget: 325_000 },
  { name: 'playground/index.html', budget: 80_000 },
]);

/**
 * @param {string} [bell] address of the events that make an open playground load again
 * @returns {Promise<{ outputs: { name: string, contents: string | Uint8Array }[], inputs: string[] }>} and the sources that they are made of
 */
export async function bundleUi(bell) {
  const sandbox = await bundleScript('plugin/main.ts', 'es2017');
  // Figma refuses the plugin when these characters stand anywhere in it, also in a string or a comment.
  if (/\bimport\s*\(/.test(text(sandbox.script)))
    throw new SetupError('dist/plugin.js holds "import(", which Figma refuses.');
  const panel = await bundlePage('ui/panel/panel.html', 'ui/panel/main.ts', 'ui/panel/style/panel.css');
  const { page: complete, inputs: embedded } = await embedEngine(panel.page);
  const playground = await bundlePage(
    'ui/playground/index.html',
    'ui/playground/main.ts',
    'ui/playground/playground.css',
  );
  const contents = {
    'plugin.js': sandbox.script,
    'panel.html': complete,
    // The companion that serves the playground is an engine already.
    'playground/panel.html': panel.page,
    'playground/index.html': playground.page.replace('<!--bell-->', bell ? reloader(bell) : ''),
  };
  for (const { name, budget } of UI_OUTPUTS) {
    const bytes = Buffer.byteLength(contents[name]);
    if (bytes > budget)
      throw new SetupError(`dist/${name} has ${bytes} bytes, above its budget of ${budget} (scripts/build-ui.mjs).`);
  }
  return {
    outputs: UI_OUTPUTS.map(({ name }) => ({ name, contents: contents[name] })),
    inputs: [...sandbox.inputs, ...panel.inputs, ...embedded, ...playground.inputs],
  };
}

/**
 * One page with its style and its script inside: a panel in Figma has no folder that it could load anything from.
 * @param {string} html with the marks that stand for style and script
 * @param {string} script
 * @param {string} style
 * @param {import('esbuild').Plugin[]} [plugins]
 */
export async function bundlePage(html, script, style, plugins) {
  const [scripts, styles] = [await bundleScript(script, 'es2022', plugins), await bundleScript(style, 'es2022')];
  const page = readFileSync(inRoot(html), 'utf8')
    .replace('/*style*/', () => text(styles.script).trim())
    // "</script" inside the script would end it.
    .replace('/*script*/', () =>
      text(scripts.script)
        .replace(/<\/script/g, '<\\/script')
        .trim(),
    );
  return { page, inputs: [html, ...scripts.inputs, ...styles.inputs] };
}

/** @param {string} bell */
const reloader = (bell) =>
  `<script>new EventSource(${JSON.stringify(bell)}).onmessage = () => location.reload();</script>`;

/** @param {Uint8Array} bytes */
const text = (bytes) => new TextDecoder().decode(bytes);
