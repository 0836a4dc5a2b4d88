/**
 * The panel in a real Chromium, in frames like Figma's: an https page, in it a frame without address and with the content
 * policy that the manifest asks for, in it the panel as a data: document. So it has no origin, no storage, no secure context.
 */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Frame, type Page } from 'playwright-core';
import { PORTS } from '../../models/api.js';
import { bundlePage } from '../../scripts/build-ui.mjs';
import { bundleScript } from '../../scripts/bundle-script.mjs';
import { embedEngine } from '../../scripts/embed.mjs';
import type { Session } from '../../ui/panel/session.js';
import type { Figma } from './host-entry.js';
import type { SceneControl } from './scene-engine.js';

const PLACES = [
  process.env['TWOSTEP_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
];

/** Where Chromium is, or null. */
export const CHROMIUM = PLACES.find((path) => path !== undefined && existsSync(path)) ?? null;

if (!CHROMIUM)
  process.stderr.write(
    'The tests of the panel are skipped: there is no Chromium. Install one ("apt-get install chromium") or name it in TWOSTEP_CHROMIUM.\n',
  );

/** @param more switches of Chromium */
export function openBrowser(more: readonly string[] = []): Promise<Browser> {
  if (!CHROMIUM) throw new Error('there is no Chromium');
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      ...(more.length === 0 ? ['--disable-gpu'] : []),
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
}

export type PanelPage = {
  readonly page: Page;
  readonly panel: Frame;
  /** Requests over the network that the panel tried. */
  readonly requests: readonly string[];
  /** Uncaught errors of any frame. */
  readonly faults: readonly string[];
  inFigma<Result, Argument = undefined>(
    work: (figma: Figma, argument: Argument) => Result,
    argument?: Argument,
  ): Promise<Result>;
  steer(changes: Partial<SceneControl>, id?: 'panel' | 'page' | 'companion'): Promise<void>;
  inSession<Argument = undefined>(
    work: (session: Session, argument: Argument) => unknown,
    argument?: Argument,
  ): Promise<void>;
  /** The plugin's window is closed; file and storage stay. */
  closePanel(): Promise<void>;
  /** It is run again. */
  openPanel(command?: string): Promise<void>;
  /** The network goes away. */
  offline(): Promise<void>;
  close(): Promise<void>;
};

type Scenes = {
  readonly scene: { readonly [id in 'panel' | 'page' | 'companion']: { readonly control: SceneControl } };
};

export type PanelPageOptions = {
  readonly width?: number;
  readonly height?: number;
  readonly scale?: number;
  readonly dark?: boolean;
  readonly readOnly?: boolean;
  /** What the person set in the system. */
  readonly media?: Pick<BrowserContextOptions, 'forcedColors' | 'contrast' | 'reducedMotion' | 'colorScheme'>;
  readonly stored?: Record<string, string>;
  /** What the person says when the browser asks whether the panel may reach programs on this computer; left out, nobody is there to ask. */
  readonly localNetwork?: 'granted' | 'denied';
  /** The panel as it ships, with its own engine inside, instead of engines that the test steers; or a page of the test's own. */
  readonly complete?: boolean | string;
};

let complete: Promise<string> | null = null;
function buildComplete(): Promise<string> {
  complete ??= bundlePage('ui/panel/panel.html', 'ui/panel/main.ts', 'ui/panel/style/panel.css')
    .then(({ page }) => embedEngine(page))
    .then(({ page }) => page);
  return complete;
}

let built: Promise<{ panel: string; host: string }> | null = null;
function build() {
  built ??= Promise.all([
    bundlePage('ui/panel/panel.html', 'test/panel/panel-entry.ts', 'ui/panel/style/panel.css'),
    bundleScript('test/panel/host-entry.ts', 'es2022'),
  ]).then(([panel, host]) => ({ panel: panel.page, host: new TextDecoder().decode(host.script) }));
  return built;
}

/** What a page hands on to the frames in it: without this, a panel may never reach programs on this computer, whatever the person says. */
const DELEGATED = 'local-network-access *; loopback-network *; local-network *';

export async function openPanelPage(browser: Browser, options: PanelPageOptions = {}): Promise<PanelPage> {
  const { panel: steered, host } = await build();
  const { complete: wanted } = options;
  const panel = typeof wanted === 'string' ? wanted : wanted ? await buildComplete() : steered;
  const { width = 320, height = 560 } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: options.scale ?? 1,
    ...(options.media ?? {}),
  });
  // A test that waits in vain shall say so soon.
  context.setDefaultTimeout(20_000);
  // Chromium denies everything that it is not told to grant.
  if (options.localNetwork)
    await context.grantPermissions([options.localNetwork === 'granted' ? 'local-network-access' : 'geolocation']);
  const page = await context.newPage();
  const requests: string[] = [];
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith('https://figma.test/'))
      requests.push(request.url());
  });
  const settings = JSON.stringify({ readOnly: options.readOnly ?? false, stored: options.stored ?? {} });
  const hosts = PORTS.map((port) => `http://localhost:${port}`).join(' ');
  const policy = `default-src data: blob: ${hosts}; style-src 'unsafe-inline' data:; script-src 'unsafe-inline' 'unsafe-eval' data: blob: ${hosts}`;
  const dressed = dress(panel, options.dark ?? false);
  // An address ends at 2 MB: a page that is longer is written into a document of the same kind.
  const content = dressed.length < 1_000_000 ? dressed : '<!doctype html><title>empty</title>';
  const address = `data:text/html;base64,${Buffer.from(content).toString('base64')}`;
  // The frame between hands messages on, both ways.
  const between = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><style>body{margin:0;overflow:hidden}iframe{border:0;width:100vw;height:100vh;display:block}</style><iframe title="panel" allow="${DELEGATED}" src="${address}"></iframe><script>{
    // A block: the window outlives the document that is written into it, and so do names.
    const inner = document.querySelector('iframe');
    addEventListener('message', (event) => {
      if (event.source === inner.contentWindow) parent.postMessage({ up: event.data }, '*');
      else if (event.source === parent && event.data?.down) inner.contentWindow.postMessage(event.data.down, '*');
    });
  }</script>`;
  await page.route('https://figma.test/**', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><html lang="en"><title>Figma</title><style>body{margin:0;overflow:hidden}iframe{border:0;width:100vw;height:100vh;display:block}</style><iframe title="plugin" allow="${DELEGATED}"></iframe><script>window.options = ${settings};</script><script>${host.replace(/<\/script/g, '<\\/script')}</script></html>`,
    }),
  );
  await page.goto('https://figma.test/');
  const fill = (html: string) =>
    page.evaluate((html) => {
      const inner = document.querySelector('iframe')?.contentDocument;
      inner?.open();
      inner?.write(html);
      inner?.close();
    }, html);
  const load = async (): Promise<Frame> => {
    await fill(between);
    if (content !== dressed) {
      const empty = await waitFor(page, (frame) => frame.url().startsWith('data:'));
      await empty.evaluate((html) => {
        // From here on the panel is opening, by its own clock.
        (window as { openedAt?: number }).openedAt = performance.now();
        document.open();
        document.write(html);
        document.close();
      }, dressed);
    }
    return findPanel(page, faults);
  };
  let frame = await load();
  return {
    page,
    get panel() {
      return frame;
    },
    requests,
    faults,
    inFigma: (work, argument) =>
      page.evaluate(
        ([code, argument]) =>
          new Function('figma', 'argument', `return (${code})(figma, argument)`)((window as never)['figma'], argument),
        [String(work), argument] as const,
      ) as never,
    steer: (changes, id = 'panel') =>
      frame.evaluate(
        ({ id, changes }) => void Object.assign((window as unknown as Scenes).scene[id].control, changes),
        { id, changes },
      ),
    inSession: (work, argument) =>
      frame.evaluate(
        ([code, argument]) =>
          void new Function('session', 'argument', `return (${code})(session, argument)`)(
            (window as never)['scene']['session'],
            argument,
          ),
        [String(work), argument] as const,
      ),
    async closePanel() {
      await page.evaluate(() => (window as unknown as { figma: Figma }).figma.close());
      await fill('<!doctype html>');
    },
    async openPanel(command = '') {
      await page.evaluate((command) => (window as unknown as { figma: Figma }).figma.run(command), command);
      frame = await load();
    },
    offline: () => context.setOffline(true),
    close: () => context.close(),
  };
}

async function findPanel(page: Page, faults: readonly string[]): Promise<Frame> {
  const frame = await waitFor(page, (frame) => frame.url().startsWith('data:'));
  await frame
    .locator('.dot.ready, .dot.open')
    .waitFor()
    .catch((error) => {
      throw new Error(`the panel did not appear; ${faults.join('; ')}`, { cause: error });
    });
  return frame;
}

async function waitFor(page: Page, is: (frame: Frame) => boolean): Promise<Frame> {
  for (let time = 0; time < 100; time++) {
    const frame = page.frames().find(is);
    if (frame) return frame;
    await page.waitForTimeout(20);
  }
  throw new Error('a frame did not appear');
}

/** What `themeColors` does: Figma puts a class on the root. */
const dress = (html: string, dark: boolean) =>
  html.replace('<html lang="en"', `<html lang="en" class="${dark ? 'figma-dark' : 'figma-light'}"`);
