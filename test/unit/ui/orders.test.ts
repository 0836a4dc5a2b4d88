/** Pictures that agents send: into the document, into view, and into the history. */
import { expect, it } from 'vitest';
import type { PanelAnswer, PanelOrder } from '../../../models/api.js';
import type { CarryOut } from '../../../models/client/panel-orders.js';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import type { EngineOffer } from '../../../ui/engines/offer.js';
import { offer, openPanel, type PanelRun, rest } from '../../support/panel-session.js';

const REQUEST: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'green hills',
  pack: 'starter',
  seeds: [42],
  schedule: { kind: 'student', steps: 2 },
  size: { width: 256, height: 128 },
};
const ORDER: PanelOrder = {
  type: 'place',
  id: 'order_0123456789abcdef',
  picture: '/v1/jobs/x',
  request: REQUEST,
  width: 256,
  height: 128,
  where: 'beside',
};
const PNG = new Uint8Array([1, 2, 3]);

/** A companion whose orders are the test's. */
function withOrders(options: Parameters<typeof offer>[1] = {}, end?: Error) {
  const heard: { carryOut: CarryOut | null; times: number; signal: AbortSignal | null } = {
    carryOut: null,
    times: 0,
    signal: null,
  };
  const companion: EngineOffer = {
    ...offer('companion', options),
    async followOrders(carryOut, signal) {
      Object.assign(heard, { carryOut, signal, times: heard.times + 1 });
      if (end) throw end;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  };
  return { companion, heard };
}

/** The canvas answers as Figma does. */
async function answer(panel: PanelRun, asked: Promise<PanelAnswer> | undefined): Promise<PanelAnswer | undefined> {
  await rest();
  const [place] = panel.sentOf('place');
  if (place) panel.say({ type: 'placed', job: place.job, index: 0, mark: 1, names: ['Hero'], hindered: [] });
  return asked;
}

it('a picture is placed, shown, kept in the history, and answered with its layers', async () => {
  const { companion, heard } = withOrders();
  const panel = await openPanel({ offers: [companion] });
  const said = await answer(panel, heard.carryOut?.(ORDER, PNG));
  expect(said).toEqual({ outcome: 'placed', names: ['Hero'] });
  expect(panel.sentOf('place')).toMatchObject([
    { where: 'beside', title: 'green hills', bytes: PNG, width: 256, height: 128 },
  ]);
  expect(JSON.parse(panel.sentOf('place')[0]?.request ?? '')).toEqual(REQUEST);
  const { tiles, selected, history } = panel.session.store.get();
  expect(tiles).toMatchObject([{ key: ORDER.id, state: 'done', seed: 42, placed: ['Hero'] }]);
  expect([selected, history[0]?.request]).toEqual([ORDER.id, REQUEST]);
});

it('while something is generated it stays in view, and the picture is placed all the same', async () => {
  const { companion, heard } = withOrders({ script: [{ type: 'hang' }] });
  const panel = await openPanel({ offers: [companion] });
  panel.session.setPrompt('an owl');
  const drawing = panel.session.generate();
  await rest();
  const keys = panel.session.store.get().tiles.map(({ key }) => key);
  expect(await answer(panel, heard.carryOut?.(ORDER, PNG))).toEqual({ outcome: 'placed', names: ['Hero'] });
  expect(panel.session.store.get().tiles.map(({ key }) => key)).toEqual(keys);
  panel.session.stop();
  await drawing;
});

it.each([
  ['what the canvas refuses', REQUEST, /view/],
  ['a request of a newer version', { ...REQUEST, version: 99 }, /Update Twostep/],
  ['a request that is too long for a layer', { ...REQUEST, prompt: '\u0001'.repeat(19_000) }, /long/],
])('%s is answered with the reason', async (_, request, reason) => {
  const { companion, heard } = withOrders();
  const panel = await openPanel({ offers: [companion] });
  const asked = heard.carryOut?.({ ...ORDER, request }, PNG);
  await rest();
  const [place] = panel.sentOf('place');
  if (place) panel.say({ type: 'refused', job: place.job, index: 0, reason: 'read-only' });
  const said = await asked;
  expect(said?.outcome === 'refused' && said.reason).toMatch(reason);
});

it('listens while the companion is there, and not to one that knows no orders', async () => {
  const there = withOrders();
  await openPanel({ offers: [there.companion] });
  expect([there.heard.times, there.heard.signal?.aborted]).toEqual([1, false]);
  const older = withOrders({}, new Error('The companion refused with status 404.'));
  await openPanel({ offers: [older.companion] });
  await rest(20);
  expect(older.heard.times).toBe(1);
});
