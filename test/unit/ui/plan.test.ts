/** What is kept the same from image to image (plan controls): in requests, over restarts, beside layers that bring their own. */
import { describe, expect, it } from 'vitest';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import type { Target } from '../../../plugin/messages.js';
import { choose, fieldsOf, groupsOf, isChosen, nameOf, planShown } from '../../../ui/panel/plan.js';
import { MODEL, offer, openPanel, type PanelRun, rest } from '../../support/panel-session.js';
import { DRAWINGS } from '../scene/drawings-vocabulary.js';
import { SHAPES } from '../vocabulary/shapes-vocabulary.js';

const SCENES = { ...MODEL, vocabulary: DRAWINGS };

const request = (changes: Partial<GenerateRequest>): GenerateRequest => ({
  ...REQUEST_DEFAULTS,
  prompt: 'a heart',
  pack: 'starter',
  seeds: [11],
  schedule: { kind: 'student', steps: 2 },
  size: { width: 256, height: 256 },
  ...changes,
});
const layer = (id: string, ours: GenerateRequest | null): Target => ({
  id,
  name: id,
  width: 400,
  height: 200,
  hindrance: null,
  request: ours && JSON.stringify(ours),
});
const select = ({ say }: PanelRun, ...targets: Target[]) => say({ type: 'selection', total: targets.length, targets });
const planIn = ({ session }: PanelRun) => session.store.get().plan;
const storedBy = (run: PanelRun) => run.sentOf('store').findLast(({ key }) => key === 'settings')?.value ?? '';

async function open(options: Parameters<typeof openPanel>[0] = {}) {
  const engine = offer('panel', { models: [SCENES] });
  const run = await openPanel({ offers: [engine], ...options });
  return { ...run, requests: engine.engine.requests };
}

describe('what is kept the same', () => {
  it('is asked for with every prompt until it is cleared', async () => {
    const { session, requests } = await open();
    session.setPrompt('a heart');
    session.pin('background', 'mint');
    session.pin('layout', 'left, large');
    await session.generate();
    expect(requests.at(-1)?.plan).toEqual({ background: 'mint', layout: 'left, large' });
    session.pin('layout', undefined);
    session.setPrompt('a star');
    await session.generate();
    expect(requests.at(-1)).toMatchObject({ prompt: 'a star', plan: { background: 'mint' } });
    session.clearPlan();
    await session.generate();
    expect(requests.at(-1)?.plan).toEqual({});
  });

  it('is said to screen readers', async () => {
    const { session } = await open();
    session.pin('background', 'light blue');
    expect(session.store.get().announcement).toBe('Background stays: Light blue.');
    session.pin('background', undefined);
    expect(session.store.get().announcement).toBe('Background can be any again.');
  });

  it('is there after a restart', async () => {
    const first = await open();
    first.session.pin('colour', 'teal');
    const second = await open({ stored: { settings: storedBy(first) } });
    expect(planIn(second)).toEqual({ colour: 'teal' });
    second.session.setPrompt('a heart');
    await second.session.generate();
    expect(second.requests.at(-1)?.plan).toEqual({ colour: 'teal' });
  });

  it('falls back to nothing where the storage was damaged, and leaves the other settings alone', async () => {
    const run = await open({ stored: { settings: JSON.stringify({ count: 2, plan: { mood: 'gloomy' } }) } });
    expect(planIn(run)).toEqual({});
    expect(run.session.store.get().settings.count).toBe(2);
  });

  it('is not asked of a model that does not know it', async () => {
    const other = { ...MODEL, id: 'other', vocabulary: SHAPES };
    const engine = offer('panel', { models: [SCENES, other, { ...MODEL, id: 'bare' }] });
    const { session } = await openPanel({ offers: [engine] });
    session.setPrompt('a star');
    session.pin('background', 'mint');
    for (const model of ['other', 'bare']) {
      session.change({ model });
      await session.generate();
      expect(engine.engine.requests.at(-1)).toMatchObject({ pack: model, plan: {} });
    }
    session.change({ model: 'starter' });
    await session.generate();
    expect(engine.engine.requests.at(-1)?.plan).toEqual({ background: 'mint' });
  });

  it('holds for variations, and an image that is generated again stays as it was', async () => {
    const { session, requests } = await open();
    session.setPrompt('a heart');
    session.pin('background', 'mint');
    await session.generate();
    const key = session.store.get().selected ?? '';
    session.clearPlan();
    session.pin('colour', 'red');
    session.vary(key);
    await rest();
    expect(requests.at(-1)?.plan).toEqual({ colour: 'red' });
    session.redraw(key);
    await rest();
    expect(requests.at(-1)?.plan).toEqual({ background: 'mint' });
  });

  it('takes in the plan of an image that is reworded', async () => {
    const run = await open();
    const { session } = run;
    session.setPrompt('a heart');
    session.pin('background', 'mint');
    await session.generate();
    const key = session.store.get().selected ?? '';
    session.clearPlan();
    session.pin('colour', 'red');
    session.reword(key);
    expect(planIn(run)).toEqual({ background: 'mint', colour: 'red' });
  });
});

describe('the plan of a selected layer', () => {
  const MINT = layer('1', request({ plan: { background: 'mint' } }));
  const TEAL = layer('2', request({ prompt: 'a star', plan: { background: 'teal', colour: 'red' } }));

  it('comes with its words and goes with them', async () => {
    const run = await open();
    select(run, MINT);
    expect(planIn(run)).toEqual({ background: 'mint' });
    await run.session.generate();
    expect(run.requests.at(-1)).toMatchObject({ prompt: 'a heart', plan: { background: 'mint' } });
    select(run, TEAL);
    expect(planIn(run)).toEqual({ background: 'teal', colour: 'red' });
    select(run);
    expect(planIn(run)).toEqual({});
  });

  it('yields to what the person keeps, which stays when another layer is selected', async () => {
    const run = await open();
    run.session.pin('background', 'navy');
    select(run, TEAL);
    expect(planIn(run)).toEqual({ background: 'navy', colour: 'red' });
    run.session.pin('layout', 'left, large');
    select(run);
    expect(planIn(run)).toEqual({ background: 'navy', colour: 'red', layout: 'left, large' });
    select(run, MINT);
    expect(planIn(run).background).toBe('navy');
  });

  it('is there as well when the storage answers later', async () => {
    const run = await open();
    select(run, TEAL);
    run.say({ type: 'stored', key: 'settings', value: JSON.stringify({ plan: { background: 'navy' } }) });
    expect(planIn(run)).toEqual({ background: 'navy', colour: 'red' });
    select(run);
    expect(planIn(run)).toEqual({ background: 'navy' });
  });
});

describe('what an image shows', () => {
  const tile = async () => {
    const run = await open();
    run.session.setPrompt('a heart');
    await run.session.generate();
    const { tiles } = run.session.store.get();
    return { ...run, tiles };
  };

  it('is kept by its own value, so that the next ones show the same', async () => {
    const { session, tiles, requests } = await tile();
    const [first] = tiles;
    if (!first) throw new RangeError('nothing was drawn');
    const { background = '' } = planShown(first, session.vocabularyOf(first));
    expect(background).not.toBe('');
    session.pin('background', background);
    session.vary(first.key);
    await rest();
    expect(requests.at(-1)).toMatchObject({ prompt: 'a heart', plan: { background } });
    expect(requests.at(-1)?.seeds).not.toContain(first.seed);
    for (const next of session.store.get().tiles)
      expect(planShown(next, session.vocabularyOf(next)).background).toBe(background);
  });

  it('is not known where the model says nothing of scenes', async () => {
    const { tiles } = await tile();
    const [first] = tiles;
    if (!first) throw new RangeError('nothing was drawn');
    expect(planShown(first, SHAPES)).toEqual({});
    expect(planShown(first, undefined)).toEqual({});
  });
});

describe('controls', () => {
  it('are those of the pack', () => {
    expect(fieldsOf(SHAPES, {})).toEqual([]);
    expect(fieldsOf(DRAWINGS, {})).toEqual(['background', 'layout', 'style', 'colour']);
    expect(fieldsOf(DRAWINGS, { variant: '2' })).toContain('variant');
    const concepts = DRAWINGS.concepts.flatMap((concept) =>
      concept.drawings?.every(({ style, colours }) => style === 'flat' && colours === 'own') ? [concept] : [],
    );
    expect(fieldsOf({ ...DRAWINGS, concepts }, {})).toEqual(['background', 'layout']);
  });

  it('offer every value once, by a name of its own, and only values that can be drawn', async () => {
    for (const field of fieldsOf(DRAWINGS, { variant: '1' })) {
      const values = groupsOf(field, DRAWINGS).flatMap(({ values }) => values.map(({ value }) => value));
      expect(values.length, field).toBeGreaterThan(1);
      expect(new Set(values.map((value) => nameOf(field, value))).size, field).toBe(values.length);
      const { session, requests } = await open();
      session.setPrompt('a heart');
      for (const value of values.slice(-2)) {
        session.pin(field, value);
        await session.generate();
        expect(requests.at(-1)?.plan).toEqual({ [field]: value });
      }
    }
    const [colours, blends] = groupsOf('background', DRAWINGS);
    expect(colours?.values[0]).toEqual({ value: 'red', colours: ['E63946'] });
    expect(blends?.values[0]?.colours).toHaveLength(2);
  });

  it('put a place and a size together, and let go of what is chosen again', () => {
    const [places, sizes] = groupsOf('layout', DRAWINGS);
    if (!places || !sizes) throw new RangeError('a layout has places and sizes');
    const left = choose('layout', undefined, 'left', places);
    const large = choose('layout', left, 'large', sizes);
    expect(large).toBe('left, large');
    expect(nameOf('layout', large ?? '')).toBe('Left, large');
    expect(choose('layout', large, 'small', sizes)).toBe('left, small');
    expect(choose('layout', large, 'left', places)).toBe('large');
    expect(choose('layout', 'large', 'large', sizes)).toBeUndefined();
    expect(choose('colour', 'red', 'red', places)).toBeUndefined();
    expect(isChosen('layout', 'top left, large', 'left')).toBe(false);
    expect(isChosen('layout', 'top left, large', 'top left')).toBe(true);
    expect(isChosen('layout', 'large, left', 'left, large')).toBe(true);
    expect(isChosen('background', 'blue to purple', 'blue')).toBe(false);
    expect(nameOf('background', 'blue to purple')).toBe('Blue to purple');
    expect(nameOf('layout', 'center, large')).toBe('Centre, large');
    expect(nameOf('layout', 'row')).toBe('In a row');
    expect(nameOf('variant', '3')).toBe('Form 3');
  });
});
