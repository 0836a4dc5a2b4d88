import { describe, expect, it } from 'vitest';
import { Pack } from '../../../models/families/packs.js';
import { EMBEDDED_PACK } from '../../../scripts/embed.mjs';
import { inRoot } from '../../../scripts/paths.mjs';
import { readPackFolder } from '../../../server/packs/folder.js';
import { roomWords, sizeWords } from '../../../ui/engine-page/words.js';

describe('B9: storage in words', () => {
  it('says sizes as people do', () => {
    expect([0, 90_000, 3_400_000, 13_100_000, 999_000_000, 1_500_000_000, 10_737_000_000].map(sizeWords)).toEqual([
      'less than 0.1 MB',
      'less than 0.1 MB',
      '3.4 MB',
      '13 MB',
      '999 MB',
      '1.5 GB',
      '11 GB',
    ]);
  });

  it('says what is kept, what there is room for, and what may happen', async () => {
    const pack = Pack.parse((await readPackFolder(inRoot(EMBEDDED_PACK))).pack);
    const quota = 10_737_418_240;
    const none = roomWords({ stored: [], used: 0, quota });
    expect(none).toMatch(/^No model is stored yet\. The first image downloads one\. The browser allows up to 11 GB\./);
    expect(roomWords({ stored: [{ pack, bytes: 13e6 }], used: 13e6, quota: null })).toMatch(
      /^One model takes 13 MB\. It/,
    );
    expect(roomWords({ stored: [], used: 5e6, quota })).toContain('An unfinished download takes 5.0 MB');
  });
});
