/** Case A1 over HTTP: what was understood is said, and nothing is drawn where nothing is. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Pack } from '../../../models/families/packs.js';

import { readPrompt } from '../../../models/run/vocabulary/read.js';
import { describeReading, describeUnknown } from '../../../models/run/vocabulary/remarks.js';
import { Vocabulary } from '../../../models/vocabulary.js';
import { EMBEDDED_PACK } from '../../../scripts/embed.mjs';
import { inRoot } from '../../../scripts/paths.mjs';
import { readPackFolder } from '../../../server/packs/folder.js';
import { startCompanion, type TestCompanion } from '../../support/companion.js';
import { createFakeEngine, drawAll } from '../../support/fake-engine.js';
import { describePack } from '../../support/packs.js';
import { SHAPES } from '../vocabulary/shapes-vocabulary.js';
import { STARTER } from '../vocabulary/starter-vocabulary.js';

/** As the pipeline speaks of words. */
const engine = createFakeEngine((request) => {
  const reading = readPrompt(request.prompt, SHAPES);
  if (!reading.says && !request.force)
    return [{ type: 'error', code: 'unknown-words', message: describeUnknown(reading, SHAPES), reading }];
  const message = describeReading(reading, SHAPES, { asWritten: request.force });
  return [{ type: 'warning', code: 'unknown-words', message, reading }, ...drawAll(request)];
});
let companion: TestCompanion;
beforeAll(async () => {
  const starter = await readPackFolder(inRoot(EMBEDDED_PACK));
  companion = await startCompanion({ engine, packs: [starter, { pack: describePack(), folder: '/nowhere' }] });
});
afterAll(() => companion.close());

const draw = (body: object) => companion.post('/v1/images/generations', { model: 'starter', ...body });
const REMARK = 'Drew: star, yellow, large. Not understood: fox.';

describe('POST /v1/images/generations', () => {
  it('answers 422 with what comes nearest where no word is understood', async () => {
    const answer = await draw({ prompt: 'an office' });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      error: {
        type: 'invalid_request_error',
        code: 'unknown_words',
        param: 'prompt',
        message: expect.stringContaining('Nearest: for "office" house, city.'),
        reading: { unknown: [{ text: 'office', start: 3, end: 9, nearest: ['house', 'city'] }], says: false },
      },
    });
  });

  it('draws it all the same with force', async () => {
    const answer = await draw({ prompt: 'an office', force: true });
    expect(answer.status).toBe(200);
    expect(engine.requests.at(-1)?.force).toBe(true);
    expect((await answer.json()).twostep.remarks).toEqual([
      'Drawn as it is written. Nothing of it was understood. Not understood: office.',
    ]);
  });

  it('says in remarks what was understood and what was not', async () => {
    const { twostep } = await (await draw({ prompt: 'a large yellow star and a fox' })).json();
    expect(twostep.remarks).toEqual([REMARK]);
    expect(twostep.reading).toMatchObject({ language: 'en', drawn: 'a large yellow star' });
  });

  it('says so in its streams, too', async () => {
    const events = await (await draw({ prompt: 'a large yellow star and a fox', stream: true })).text();
    expect(events).toContain(JSON.stringify(REMARK));
    const failed = await (await draw({ prompt: 'a cute fox', stream: true })).text();
    expect(failed).toContain('"code":"unknown_words"');
    expect(failed).toContain('"text":"fox"');
  });
});

describe('jobs', () => {
  it('send the reading with their events', async () => {
    const request = { ...(engine.requests[0] ?? {}), prompt: 'a large yellow star and a fox', seeds: [1] };
    const headers = { Accept: 'text/event-stream' };
    const events = await (await companion.post('/v1/jobs', { request }, headers)).text();
    expect(events).toContain('event: warning');
    expect(events).toContain('"drawn":"a large yellow star"');
  });
});

describe('GET /v1/models/{id}/vocabulary', () => {
  it('lists the words that a model understands', async () => {
    const answer = await companion.request('/v1/models/starter/vocabulary');
    expect(answer.status).toBe(200);
    const { object, model, ...vocabulary } = await answer.json();
    expect([object, model]).toEqual(['vocabulary', 'starter']);
    expect(Vocabulary.parse(vocabulary)).toEqual(STARTER);
  });

  it('is 404 where it does not say', async () => {
    const answer = await companion.request('/v1/models/test-pack/vocabulary');
    expect(answer.status).toBe(404);
    expect((await answer.json()).error.code).toBe('vocabulary_not_found');
  });
});

describe('a pack', () => {
  it('lists its vocabulary, and bounds it', async () => {
    const { pack } = await readPackFolder(inRoot(EMBEDDED_PACK));
    const faults = (changes: object) =>
      Pack.safeParse({ ...pack, ...changes })
        .error?.issues.map(({ message }) => message)
        .join();
    expect(faults({ vocabulary: 'none.json' })).toContain('"none.json" is not among the files');
    const files = pack.files.map((file) => (file.path === pack.vocabulary ? { ...file, size: 9 * 2 ** 20 } : file));
    expect(faults({ files })).toContain('a vocabulary has at most');
  });
});
