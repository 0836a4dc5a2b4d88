/** A8: what `GET /v1/models` says a pack draws is what it draws, and the answer says what was drawn. */

import { describe, expect, it } from 'vitest';
import type { ImagesRequest } from '../../../models/api.js';
import { partOf } from '../../../models/families/llamagen/part.js';
import type { Pack } from '../../../models/pack.js';
import { qualitiesOf, readOrder } from '../../../server/companion/http/images.js';
import { modelOfPack } from '../../../server/drawing/drawing-model.js';
import { startCompanion } from '../../support/companion.js';
import { describePack } from '../../support/packs.js';

const teacher = partOf(describePack()).teacher;
const oneStep = { kind: 'two-head', graph: 'student.onnx', layers: 2, width: 64, times: [0], split: 130 };
const flow = (refinements: object) => ({
  kind: 'flow-head',
  graph: 'student.onnx',
  layers: 2,
  width: 64,
  times: [0, 80],
  refinements,
  sampling: teacher?.sampling,
  codebook: 'codebook.f32',
});
const PACKS: readonly [string, Pack, readonly string[]][] = [
  ['two heads and a teacher', describePack(), ['low', 'medium', 'high']],
  ['two heads alone', describePack({ teacher: null }), ['low', 'medium']],
  ['one step and a teacher', describePack({ student: oneStep }), ['low', 'high']],
  ['a teacher alone', describePack({ student: null }), ['high']],
  ['a flow head', describePack({ student: flow({ standard: 2, fine: 12 }), teacher: null }), ['low', 'medium', 'high']],
  [
    'a flow head that is at its best',
    describePack({ student: flow({ standard: 2, fine: 2 }), teacher: null }),
    ['low', 'medium'],
  ],
];

describe('A8: a pack with', () => {
  it.each(PACKS)('%s', (_, pack, qualities) => {
    const model = modelOfPack(pack);
    expect(qualitiesOf(model)).toEqual(qualities);
    const drawn = new Set<string>();
    for (const quality of ['low', 'medium', 'high', 'standard', 'hd', 'auto'] as const) {
      const { said, request, remarks } = readOrder({ prompt: 'owl', quality } satisfies ImagesRequest, model, []);
      expect(qualities).toContain(said.quality);
      // A quality that is listed is drawn; one that is not is told.
      if (qualities.includes(quality)) expect([said.quality, remarks]).toEqual([quality, []]);
      else if (quality === 'low' || quality === 'medium' || quality === 'high')
        expect(remarks).toEqual([`Pack test-pack has no "${quality}", so it is drawn as "${said.quality}".`]);
      drawn.add(`${said.quality} ${JSON.stringify(request.schedule)}`);
    }
    expect(drawn.size).toBe(qualities.length);
  });
});

it('A8: the list of models says it, and a draft is asked for where there is one', async () => {
  const packs = PACKS.map(([, pack], index) => ({ pack: { ...pack, id: `pack-${index}` }, folder: '/nowhere' }));
  const companion = await startCompanion({ packs });
  try {
    const { data } = (await (await companion.request('/v1/models')).json()) as { data: { qualities: string[] }[] };
    expect(data.map(({ qualities }) => qualities)).toEqual(PACKS.map(([, , qualities]) => qualities));
  } finally {
    await companion.close();
  }
  const draftOf = (pack: Pack, quality: 'low' | 'high') =>
    readOrder({ prompt: 'owl', quality, stream: true, partial_images: 1 }, modelOfPack(pack), []).request.draft;
  expect([draftOf(describePack(), 'high'), draftOf(describePack(), 'low')]).toEqual([true, false]);
  expect(draftOf(describePack({ student: null }), 'high')).toBe(false);
});
