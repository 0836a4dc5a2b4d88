/** Every state of the panel, as steps that lead to it. The album and the accessibility check go through all of them. */

import { REQUEST_DEFAULTS } from '../../models/protocol.js';
import type { Finding } from '../../ui/engines/offer.js';
import { MODEL } from '../support/panel-session.js';
import { DRAWINGS } from '../unit/scene/drawings-vocabulary.js';
import type { PanelPage, PanelPageOptions } from './browser.js';

export type Scene = {
  readonly name: string;
  /** It looks like another scene elsewhere. */
  readonly onlyNarrow?: boolean;
  readonly options?: PanelPageOptions;
  readonly play: (page: PanelPage) => Promise<void>;
};

const HILLS = 'green hills under a soft morning sky, one small sun';

const type = async (one: PanelPage, words: string) => one.panel.locator('textarea').fill(words);
const draw = async (one: PanelPage, words = HILLS) => {
  await type(one, words);
  await one.panel.locator('textarea').press('Enter');
  await one.panel.locator('.actions .primary').waitFor();
};
const seed = (one: PanelPage, number = 48_210) => one.inSession((session, number) => session.setSeed(number), number);
/** Until so many pictures are done, and then it stands still. */
const busy = async (one: PanelPage, done: number) => {
  await seed(one);
  await one.steer({ pace: 60, after: done, fault: 'hang' });
  await type(one, HILLS);
  await one.panel.locator('textarea').press('Enter');
  await one.panel
    .locator('.tile.done')
    .nth(done - 1)
    .waitFor();
};

const DAY_PROMPTS = [
  'green hills',
  'dunes at sunset',
  'night sky with a crescent moon',
  'pink blossom valley',
  'blue waves pattern',
];

export const SCENES: readonly Scene[] = [
  { name: 'empty', play: (one) => seed(one) },
  {
    name: 'no-selection',
    play: async (one) => {
      await seed(one);
      await one.inFigma((figma) => figma.select());
    },
  },
  { name: 'drawing', play: (one) => busy(one, 2) },
  {
    name: 'draft',
    play: async (one) => {
      await seed(one);
      await type(one, HILLS);
      await one.inSession((session) => session.change({ count: 1 }));
      // It is looked at, and checked, before it sharpens.
      await one.steer({ hold: true });
      await one.panel.locator('textarea').press('Enter');
      await one.panel.locator('.tile.draft img').waitFor();
    },
  },
  {
    name: 'done',
    play: async (one) => {
      await seed(one);
      await draw(one);
    },
  },
  {
    name: 'placed',
    play: async (one) => {
      await seed(one);
      await draw(one);
      await one.panel.locator('.tile .open').nth(1).click();
      await one.panel.getByRole('button', { name: 'Place in Hero' }).click();
      await one.panel.locator('.badge.placed').waitFor();
    },
  },
  {
    name: 'runs',
    play: async (one) => {
      await one.inSession((session) => session.change({ count: 2 }));
      for (const [index, words] of ['pink blossom valley', 'dunes at sunset'].entries()) {
        await seed(one, 310 + index);
        await draw(one, words);
      }
    },
  },
  {
    name: 'removed',
    play: async (one) => {
      await seed(one);
      await draw(one);
      await one.panel.locator('.tile .open').nth(3).click();
      await one.page.keyboard.press('Delete');
      await one.panel.getByRole('button', { name: 'Undo' }).waitFor();
    },
  },
  {
    name: 'preview',
    play: async (one) => {
      await seed(one);
      await draw(one);
      await one.panel.locator('.tile .open').nth(1).focus();
      await one.page.keyboard.press('Space');
      await one.panel.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'place-all',
    play: async (one) => {
      await one.inFigma((figma) => figma.select());
      await seed(one);
      await draw(one, 'blue waves');
    },
  },
  {
    name: 'options',
    onlyNarrow: true,
    play: async (one) => {
      await seed(one);
      await one.inSession((session) => session.unfold(true));
    },
  },
  {
    name: 'asked',
    play: async (one) => {
      await one.steer({ finding: { state: 'absent', why: 'unsupported', detail: '' } });
      await one.steer({ finding: { state: 'unpaired' } }, 'companion');
      await one.inSession((session) => session.look('panel'));
      await type(one, HILLS);
      await one.panel.locator('textarea').press('Enter');
      await one.panel.getByRole('alert').waitFor();
    },
  },
  {
    name: 'not-recalled',
    play: async (one) => {
      await one.closePanel();
      await one.openPanel('regenerate');
      await one.panel.locator('.notice').waitFor();
    },
  },
  {
    name: 'browser-processor',
    play: async (one) => {
      await one.steer({ finding: { state: 'ready', device: 'Processor', models: [] } }, 'page');
      await one.panel.locator('.foot .engine').click();
      await one.panel.getByRole('button', { name: /: Browser$/ }).click();
      await one.panel.getByText('No GPU was found here').waitFor();
    },
  },
  {
    name: 'banner',
    play: async (one) => {
      await one.inFigma((figma) => figma.select('Banner'));
      await seed(one);
      await draw(one, 'dunes at sunset');
    },
  },
  {
    name: 'three-layers',
    play: async (one) => {
      await one.inFigma((figma) => figma.select('Coast', 'Forest', 'Hills'));
      await seed(one);
      await draw(one, 'night sky with a crescent moon');
    },
  },
  {
    name: 'picture-menu',
    play: async (one) => {
      await seed(one);
      await draw(one);
      await one.panel.locator('.tile').first().getByRole('button', { name: 'More' }).click();
      await one.panel.getByRole('menu').waitFor();
    },
  },
  {
    name: 'plan',
    play: async (one) => {
      await planned(one);
      await one.inSession((session) => {
        session.pin('background', 'light blue');
        session.pin('layout', 'top left, medium');
      });
      await draw(one, 'a heart');
    },
  },
  {
    name: 'plan-menu',
    play: async (one) => {
      await planned(one);
      await draw(one, 'a heart');
      await one.panel.getByRole('button', { name: 'Background: Any' }).click();
    },
  },
  {
    name: 'layout-menu',
    play: async (one) => {
      await planned(one);
      await one.inSession((session) => session.pin('layout', 'left, large'));
      await one.panel.getByRole('button', { name: 'Layout: Left, large' }).click();
    },
  },
  {
    name: 'keep-menu',
    play: async (one) => {
      await planned(one);
      await one.inSession((session) => session.pin('background', 'mint'));
      await draw(one, 'a heart');
      await one.panel.locator('.tile').first().getByRole('button', { name: 'More' }).click();
    },
  },
  {
    name: 'model-menu',
    play: async (one) => {
      await seed(one);
      await one.panel.getByRole('button', { name: 'Model: Starter' }).click();
    },
  },
  {
    name: 'target-menu',
    play: async (one) => {
      await seed(one);
      await one.panel.getByRole('button', { name: 'Where images go: Hero' }).click();
    },
  },
  {
    name: 'classes',
    play: async (one) => {
      await seed(one);
      await one.inSession((session) => session.change({ model: 'imagenet-b' }));
      await type(one, 'fox');
    },
  },
  {
    name: 'failed',
    play: async (one) => {
      await seed(one);
      await one.steer({ after: 2, fault: 'engine-failed' });
      await type(one, HILLS);
      await one.panel.locator('textarea').press('Enter');
      await one.panel.getByRole('alert').waitFor();
      await one.panel.locator('.actions').waitFor();
    },
  },
  {
    name: 'fell-over',
    play: async (one) => {
      await one.inSession((session) => session.pair('companion', 'K7Q2MP'));
      await one.panel.locator('.foot').getByText('RTX 4070').waitFor();
      await seed(one);
      await one.steer({ after: 2, fault: 'engine-unavailable' }, 'companion');
      await one.steer({ pace: 60, after: 1, fault: 'hang' });
      await type(one, HILLS);
      await one.panel.locator('textarea').press('Enter');
      await one.panel.locator('.tile.done').nth(2).waitFor();
    },
  },
  {
    name: 'hindered',
    play: async (one) => {
      await one.inFigma((figma) => figma.select('Logo'));
      await seed(one);
      await draw(one, 'pink blossom valley');
      await one.panel.locator('.actions .primary').click();
      await one.panel.locator('.notice').waitFor();
    },
  },
  {
    name: 'read-only',
    options: { readOnly: true },
    play: async (one) => {
      await seed(one);
      await draw(one);
      await one.panel.getByRole('button', { name: 'Place in Hero' }).click();
      await one.panel.getByRole('alert').waitFor();
    },
  },
  {
    name: 'no-words',
    play: async (one) => {
      await seed(one);
      await one.panel.locator('textarea').press('Enter');
      await one.panel.locator('.notice').waitFor();
    },
  },
  {
    name: 'engines',
    play: async (one) => {
      await seed(one);
      await draw(one);
      await one.panel.locator('.foot .engine').click();
    },
  },
  {
    name: 'pairing',
    play: async (one) => {
      await one.panel.locator('.foot .engine').click();
      await one.panel.getByRole('button', { name: 'Connect: Companion' }).click();
      await one.panel.getByLabel('Code from').fill('K7Q 2MP');
    },
  },
  {
    name: 'wrong-code',
    play: async (one) => {
      await one.panel.locator('.foot .engine').click();
      await one.panel.getByRole('button', { name: 'Connect: Companion' }).click();
      await one.panel.getByLabel('Code from').fill('123 456');
      await one.panel.getByLabel('Code from').press('Enter');
      await one.panel.locator('.card').getByText('Wrong code').waitFor();
    },
  },
  {
    name: 'companion-stopped',
    play: (one) => lookFor(one, { state: 'absent', why: 'stopped', detail: '' }),
  },
  {
    name: 'companion-forbidden',
    play: (one) => lookFor(one, { state: 'absent', why: 'permission', detail: '' }),
  },
  {
    name: 'interrupted',
    options: {
      stored: {
        settings: JSON.stringify({
          unfinished: {
            job: 'job-1',
            engine: 'panel',
            request: {
              ...REQUEST_DEFAULTS,
              prompt: HILLS,
              pack: 'starter',
              seeds: [5],
              schedule: { kind: 'student', steps: 2 },
              sampling: null,
              size: { width: 256, height: 256 },
              draft: true,
            },
          },
        }),
      },
    },
    play: async (one) => {
      await seed(one);
      await one.panel.getByText('The panel was closed while generating').waitFor();
    },
  },
  {
    name: 'as-you-type',
    play: async (one) => {
      await seed(one);
      await one.inSession((session) => session.change({ asYouType: true }));
      await type(one, HILLS);
      await one.panel.locator('.tile.draft img').waitFor();
    },
  },
  {
    name: 'history',
    play: async (one) => {
      await historyWithPictures(one);
      await one.panel.getByRole('button', { name: 'History' }).click();
      await one.panel.locator('.wall img').first().waitFor();
    },
  },
  {
    name: 'kept',
    play: async (one) => {
      await one.inSession((session) => session.pair('companion', 'K7Q2MP'));
      await one.panel.locator('.foot').getByText('RTX 4070').waitFor();
      await one.panel.getByRole('button', { name: 'History' }).click();
      await one.panel.getByRole('radio', { name: 'Companion' }).check({ force: true });
      await one.panel.locator('.wall img').nth(11).waitFor();
    },
  },
  {
    name: 'history-empty',
    play: (one) => one.panel.getByRole('button', { name: 'History' }).click(),
  },
  {
    name: 'from-history',
    play: async (one) => {
      await historyWithPictures(one);
      await one.panel.getByRole('button', { name: 'History' }).click();
      await one.panel.locator('.wall .open').nth(4).click();
    },
  },
  { name: 'settings', play: (one) => one.panel.getByRole('button', { name: 'Settings' }).click() },
  {
    name: 'long-prompt',
    play: async (one) => {
      await seed(one);
      await type(one, `${'rolling hills, terraces, a winding river and small white houses; '.repeat(8)}🌄`);
    },
  },
  {
    name: 'right-to-left',
    play: async (one) => {
      await seed(one);
      await draw(one, 'تلال خضراء تحت سماء الصباح 🌄');
    },
  },
];

/** A model that composes scenes. */
async function planned(one: PanelPage): Promise<void> {
  await seed(one);
  await one.steer({ finding: { state: 'ready', device: '', models: [{ ...MODEL, vocabulary: DRAWINGS }] } });
  await one.inSession((session) => session.look('panel'));
  // In a narrow panel the row is folded away with quality and seed.
  await one.inSession((session) => session.unfold(true));
  await one.panel.getByRole('button', { name: 'Background: Any' }).waitFor();
}

async function lookFor(one: PanelPage, finding: Finding): Promise<void> {
  await one.steer({ finding }, 'companion');
  await one.panel.locator('.foot .engine').click();
  await one.panel.getByRole('button', { name: 'Connect: Companion' }).click();
  await one.panel.getByRole('button', { name: 'Try again: Companion' }).waitFor();
}

/** Pictures of several days, drawn by the scene itself so that the wall looks as it does in use. */
async function historyWithPictures(one: PanelPage): Promise<void> {
  await one.inSession((session) => session.change({ count: 4, quality: 'draft' }));
  await one.steer({ pace: 1 });
  for (const [index, words] of DAY_PROMPTS.entries()) {
    await seed(one, 100 * index);
    await draw(one, words);
  }
  await one.panel.waitForTimeout(200);
  // As if some of them had been made on other days.
  await one.inSession((session) => {
    const { history } = session.store.get();
    const day = 86_400_000;
    session.store.set({
      history: history.map((entry, index) => ({
        ...entry,
        at: entry.at - (index < 6 ? 0 : index < 13 ? 1.1 : 3) * day,
        favourite: index % 7 === 2,
      })),
      tiles: [],
      prompt: '',
      took: null,
    });
  });
}
