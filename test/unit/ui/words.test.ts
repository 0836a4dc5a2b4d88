/** Case A1 in the panel: what is said after drawing, and "Generate anyway". */
import { describe, expect, it } from 'vitest';
import type { GenerateRequest } from '../../../models/protocol.js';
import { readPrompt } from '../../../models/run/vocabulary/read.js';
import { describeReading, describeUnknown } from '../../../models/run/vocabulary/remarks.js';
import { drawAll, pictureOf, type Step } from '../../support/fake-engine.js';
import { MODEL, offer, openPanel, rest } from '../../support/panel-session.js';
import { SHAPES } from '../vocabulary/shapes-vocabulary.js';

/** As the pipeline speaks. */
function speaking(request: GenerateRequest): readonly Step[] {
  const reading = readPrompt(request.prompt, SHAPES);
  if (!reading.says && !request.force)
    return [{ type: 'error', code: 'unknown-words', message: describeUnknown(reading, SHAPES), reading }];
  const message = describeReading(reading, SHAPES, { asWritten: request.force });
  return [{ type: 'warning', code: 'unknown-words', message, reading }, ...drawAll(request)];
}

const open = async (script: (request: GenerateRequest) => readonly Step[] = speaking) => {
  const engine = offer('panel', { script, models: [{ ...MODEL, vocabulary: SHAPES }] });
  const { session } = await openPanel({ offers: [engine] });
  return { session, requests: engine.engine.requests, state: session.store.get };
};

describe('the panel', () => {
  it('says below the images what was understood of their words', async () => {
    const { session, state } = await open();
    session.setPrompt('a large yellow star and a fox');
    await session.generate();
    expect(state().tiles.map(({ remark }) => remark)).toEqual(
      Array(4).fill('Drew: star, yellow, large. Not understood: fox.'),
    );
    expect(state().announcement).toContain('Not understood: fox.');
    expect(state().notice).toBeNull();
  });

  it('draws nothing where nothing is understood, unless it is told to', async () => {
    const { session, state, requests } = await open();
    session.setPrompt('a cute fox');
    await session.generate();
    expect(state().tiles).toEqual([]);
    expect(state().notice).toMatchObject({ action: { label: 'Generate anyway' } });
    expect(state().notice?.detail).toContain('Not understood: fox.');
    state().notice?.action?.run();
    await rest();
    expect(requests.map(({ force }) => force)).toEqual([false, true]);
    expect(state().tiles.map(({ state }) => state)).toEqual(Array(4).fill('done'));
  });

  it('reads the words as they are typed', async () => {
    const { session } = await open();
    expect(session.reading()).toBeNull();
    session.setPrompt('a cute fox');
    expect(session.reading()?.unknown).toMatchObject([{ text: 'fox', start: 7, end: 10 }]);
    expect(session.reading()).toBe(session.reading());
  });

  it('keeps the seed that a picture was drawn with, in the place of the one that was asked for (A3)', async () => {
    const { session, state } = await open((request) => [
      ...request.seeds.map((seed, index) => ({
        type: 'picture' as const,
        ...pictureOf(request, index),
        seed: index === 1 ? 99 : seed,
      })),
      { type: 'done', milliseconds: {} },
    ]);
    session.setSeed(1);
    session.setPrompt('heart');
    await session.generate();
    expect(state().tiles.map(({ seed, request }) => [seed, request.seeds])).toEqual([
      [1, [1]],
      [99, [99]],
      [3, [3]],
      [4, [4]],
    ]);
  });
});
