/**
 * The panel as it ships, in Figma's frames, against a companion that is a process of its own and draws with the starter pack:
 * found, paired, used, closed in the middle, killed, forbidden.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PairAnswer } from '../../models/api.js';
import { findManifestPort } from '../support/free-port.js';
import { connectAgent } from '../support/mcp.js';
import { COMMAND, type Served, startServing } from '../support/serve.js';
import { CHROMIUM, type PanelPage, type PanelPageOptions } from './browser.js';
import { usePanels } from './panels.js';

/** Milliseconds for a picture on a machine that is busy. */
const LONG = 300_000;

const folder = mkdtempSync(join(tmpdir(), 'twostep-panel-'));
const environment = {
  HOME: join(folder, 'home'),
  TWOSTEP_DATA: join(folder, 'data'),
  TWOSTEP_PACKS: join(folder, 'packs'),
  TWOSTEP_CACHE: join(folder, 'cache'),
  CI: '1',
};

describe.skipIf(!CHROMIUM)('panel and companion', { timeout: 2 * LONG }, () => {
  const open = usePanels();
  let served: Served;
  let port = 0;
  /** What a panel keeps that was paired before. */
  let paired: Record<string, string> = {};
  const settings = (changes: object) => ({
    ...paired,
    settings: JSON.stringify({ engine: 'companion', count: 1, quality: 'draft', ...changes }),
  });

  const serve = async () => {
    served = await startServing(environment, port);
  };
  const code = () => /Pairing code\s+(\S+(?: \S+)?)\s{2,}/.exec(served.output())?.[1] ?? '';
  const newCode = () =>
    served
      .output()
      .match(/New code: (\S+)/g)
      ?.at(-1)
      ?.replace('New code: ', '') ?? code();

  beforeAll(async () => {
    mkdirSync(environment.HOME, { recursive: true });
    port = await findManifestPort();
    await serve();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/pair`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code: newCode(), name: 'test' }),
    });
    paired = { token: PairAnswer.parse(await answer.json()).token };
  }, LONG);
  afterAll(() => served?.end('SIGKILL'));

  const start = ({
    permission = 'granted',
    ...rest
  }: PanelPageOptions & { readonly permission?: 'granted' | 'denied' } = {}) =>
    open({ complete: true, localNetwork: permission, ...rest });
  const words = async (one: PanelPage, text: string) => {
    await one.panel.locator('textarea').fill(text);
    await one.panel.locator('textarea').press('Enter');
  };
  const stored = async (one: PanelPage) => Object.fromEntries(await one.inFigma((figma) => [...figma.storage]));
  const connect = async (one: PanelPage) => {
    await one.panel.locator('.foot .engine').click();
    await one.panel.getByRole('button', { name: 'Connect: Companion' }).click();
  };
  const pair = async (one: PanelPage) => {
    await connect(one);
    const field = one.panel.getByLabel('Code from the companion’s window');
    await field.fill(newCode());
    await field.press('Enter');
    // Paired, the panel is back at the prompt.
    await one.panel.locator('.foot').getByText('Companion · Processor').waitFor();
    await one.panel.locator('textarea').waitFor();
  };
  const isDone = (one: PanelPage) => one.panel.locator('.actions .primary').waitFor({ timeout: LONG });

  it('first run: nothing is sent; connected and paired in one step; drafts and pictures stream in', async () => {
    const one = await start({ stored: { settings: JSON.stringify({ count: 1 }) } });
    await one.panel.locator('.idea').first().waitFor();
    await one.page.waitForTimeout(300);
    expect(one.requests).toEqual([]);
    await pair(one);
    // A draft may stand for less time than a test needs to look twice.
    const body = one.panel.locator('body');
    await body.evaluate((element) => {
      new MutationObserver((_, observer) => {
        if (!element.querySelector('.tile.draft img')) return;
        observer.disconnect();
        element.dataset['draft'] = 'seen';
      }).observe(element, { subtree: true, childList: true, attributes: true });
    });
    // One press generates what is offered.
    await one.panel.locator('.idea').first().click();
    await isDone(one);
    expect(await body.getAttribute('data-draft')).toBe('seen');
    expect(await one.panel.locator('.tile.done').count()).toBe(1);
    expect(one.requests.every((url) => url.startsWith(`http://localhost:${port}/`) || /\/health$/.test(url))).toBe(
      true,
    );
    await one.panel.getByRole('button', { name: 'Place in Hero' }).click();
    await one.panel.locator('.badge.placed').waitFor();
    const hero = await one.inFigma((figma) => figma.layers().find(({ name }) => name === 'Hero'));
    expect(hero?.fills).toMatchObject([{ type: 'IMAGE', scaleMode: 'FILL' }]);
  });

  it('a wrong code is told at once', async () => {
    const one = await start();
    await connect(one);
    const field = one.panel.getByLabel('Code from the companion’s window');
    await field.fill('WRONG-CODE');
    await field.press('Enter');
    await one.panel.locator('.card').getByText('Wrong code').waitFor();
  });

  it('stopped by the person, the companion stops as well', async () => {
    const one = await start({ stored: settings({ count: 4 }) });
    await one.inFigma((figma) => figma.select());
    await words(one, 'mountains at night');
    await one.panel.locator('.tile.done').first().waitFor({ timeout: LONG });
    await one.panel.locator('textarea').press('Escape');
    await one.panel.getByRole('button', { name: 'Generate' }).waitFor();
    const jobs = await listJobs();
    expect(jobs[0]).toMatchObject({ state: 'cancelled', request: { prompt: 'mountains at night' } });
  });

  it('closed in the middle and opened again it shows the pictures, drawn once', async () => {
    // More than one, so that the first is not the end of it.
    const one = await start({ stored: settings({ count: 4, quality: 'standard' }) });
    await words(one, 'sunset over the sea');
    await one.panel.locator('.tile.draft, .tile.done').first().waitFor({ timeout: LONG });
    await one.closePanel();
    await one.page.waitForTimeout(200);
    await one.openPanel();
    await one.panel.locator('.tile').first().waitFor();
    await isDone(one);
    expect(await one.panel.locator('.tile.done').count()).toBe(4);
    const jobs = await listJobs();
    expect(jobs.filter(({ request }) => request.prompt === 'sunset over the sea').length).toBe(1);
    // Once in the history as well, though two panels saw them.
    const shards = Object.entries(await stored(one)).flatMap(([key, value]) =>
      key.startsWith('history') ? (JSON.parse(value) as unknown[]) : [],
    );
    expect(new Set(shards.map((entry) => JSON.stringify((entry as { request: unknown }).request))).size).toBe(
      shards.length,
    );
  });

  it('closed, and opened only after it was over', async () => {
    const one = await start({ stored: settings({ count: 4 }) });
    await words(one, 'forest by day');
    await one.panel.locator('.tile.draft, .tile.done').first().waitFor({ timeout: LONG });
    await one.closePanel();
    await expect.poll(async () => (await listJobs())[0]?.state, { timeout: LONG, interval: 300 }).toBe('done');
    await one.openPanel();
    await isDone(one);
    expect(await one.panel.locator('.tile.done').count()).toBe(4);
  });

  it('shows what the companion keeps, and places a picture of it without drawing', async () => {
    const one = await start({ stored: settings({}) });
    await connectAgain(one);
    await one.panel.getByRole('button', { name: 'History' }).click();
    await one.panel.getByRole('radio', { name: 'Companion' }).check({ force: true });
    await one.panel.locator('.wall img').first().waitFor();
    await one.panel.getByRole('searchbox').fill('FOREST');
    await expect.poll(() => one.panel.locator('.wall').getAttribute('aria-label')).toBe('4 images');
    const before = (await listJobs()).length;
    await one.panel.locator('.wall .open').first().click();
    await one.panel.locator('.tile.done').waitFor();
    await one.panel.getByRole('button', { name: 'Place in Hero' }).click();
    await one.panel.locator('.badge.placed').waitFor();
    expect((await listJobs()).length).toBe(before);
  });

  it('an agent draws a picture and has it placed in the file that is open', async () => {
    const one = await start({ stored: settings({}) });
    await connectAgain(one);
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [COMMAND, 'token', 'create', 'agent'], {
      env: { ...process.env, ...environment },
    });
    const requestInit = { headers: { Authorization: `Bearer ${stdout.trim()}` } };
    const url = new URL(`http://127.0.0.1:${port}/mcp`);
    const agent = await connectAgent(new StreamableHTTPClientTransport(url, { requestInit }), '2026');
    const drawn = await agent.callTool({ name: 'generate_image', arguments: { prompt: 'a red circle', seed: 7 } });
    const { pictures } = drawn.structuredContent as { pictures: [{ image: string }] };
    await one.inFigma((figma) => figma.select('Hero'));
    const placed = await agent.callTool({
      name: 'place_in_figma',
      arguments: { image: pictures[0].image, where: 'selection' },
    });
    expect(placed.structuredContent).toEqual({ layers: ['Hero'] });
    const hero = await one.inFigma((figma) => figma.layers().find(({ name }) => name === 'Hero'));
    expect(hero?.fills).toMatchObject([{ type: 'IMAGE' }]);
    // It is among the results as well, as placed.
    await one.panel.locator('.badge.placed').waitFor();
    await agent.close();
  });

  it('follows the words while they are typed, and the companion keeps nothing of it', async () => {
    const one = await start({ stored: settings({}) });
    await connectAgain(one);
    await one.panel.getByRole('button', { name: 'Settings' }).click();
    await one.panel.getByRole('switch', { name: /Generate as I type/ }).check();
    await one.panel.getByRole('button', { name: 'Close', exact: true }).click();
    const before = (await listJobs()).length;
    await one.panel.locator('textarea').pressSequentially('desert at sunset', { delay: 60 });
    await one.panel.getByText('Live draft').waitFor({ timeout: LONG });
    await one.panel.locator('textarea').pressSequentially(' with a red sun', { delay: 60 });
    await one.page.waitForTimeout(1500);
    await expect.poll(async () => (await listJobs()).length, { timeout: LONG }).toBe(before);
  });

  it.each([
    ['very long', 'rolling hills under a wide sky, '.repeat(600), true],
    ['emoji', '🌄🏔️ Hügel 👩‍🚀 bei Nacht 🇩🇪', true],
    // Of a language that the starter does not know, so the panel asks first.
    ['right to left', 'تلال خضراء تحت سماء الصباح', false],
  ])('takes words as they are: %s', async (_, text, isKnown) => {
    const one = await start({ stored: settings({}) });
    await one.inFigma((figma) => figma.select('Coast'));
    await words(one, text);
    if (!isKnown) await one.panel.getByRole('button', { name: 'Generate anyway' }).click();
    await isDone(one);
    expect((await listJobs())[0]?.request.prompt).toBe(text);
    expect(await one.panel.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  });

  it('killed in the middle, the panel goes on by itself; started again, the companion is used again', async () => {
    const one = await start({ stored: settings({ count: 4 }) });
    await words(one, 'hills on a sunny day');
    await one.panel.locator('.tile.done').first().waitFor({ timeout: LONG });
    await served.end('SIGKILL');
    await one.panel.getByText('Companion stopped answering').waitFor({ timeout: LONG });
    await isDone(one);
    expect(await one.panel.locator('.tile.done').count()).toBe(4);
    await one.panel.locator('.foot').getByText('companion disconnected').waitFor();
    await serve();
    await words(one, 'green and beige stripes');
    await isDone(one);
    await one.panel.locator('.foot').getByText('Companion · Processor').waitFor();
  });

  it('not running, and not allowed, are told apart', async () => {
    await served.end('SIGKILL');
    try {
      const allowed = await start();
      await connect(allowed);
      await allowed.panel.locator('.card').getByText('No answer. Start it with “npm start”').waitFor();
    } finally {
      await serve();
    }
    const forbidden = await start({ permission: 'denied' });
    await connect(forbidden);
    await forbidden.panel.locator('.card').getByText('blocks this window from reaching').waitFor();
  });

  it('offline it draws, since nothing is far away', async () => {
    const one = await start({ stored: { settings: JSON.stringify({ count: 1, quality: 'draft' }) } });
    await one.offline();
    await one.inFigma((figma) => figma.select());
    await words(one, 'a white cloud on blue');
    await isDone(one);
    expect(await one.panel.locator('.tile.done').count()).toBe(1);
  });

  /** The first press of Generate would do it as well. */
  async function connectAgain(one: PanelPage): Promise<void> {
    await connect(one);
    await one.panel.locator('.foot').getByText('Companion · Processor').waitFor();
    await one.panel.getByRole('button', { name: 'Close', exact: true }).click();
  }

  async function listJobs() {
    const response = await fetch(`http://127.0.0.1:${port}/v1/jobs?limit=100`, {
      headers: { Authorization: `Bearer ${paired['token']}` },
    });
    const { jobs } = (await response.json()) as { jobs: { state: string; request: { prompt: string } }[] };
    return jobs;
  }
});
