import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GenerateRequest, REQUEST_DEFAULTS, REQUEST_VERSION } from '../../../models/protocol.js';
import { AnyRequest, upgradeRequest, upgradeRequestText } from '../../../models/request/upgrade.js';
import { goldenRequests, TODAY } from '../../support/golden-requests.js';

const VERSIONS = Array.from({ length: REQUEST_VERSION }, (_, index) => index + 1);

describe('a request', () => {
  it('has a golden file of every version, and none of others', () => {
    const files = readdirSync(new URL('golden', import.meta.url));
    expect(files.sort()).toEqual(VERSIONS.map((version) => `v${version}.json`).sort());
  });

  it.each(VERSIONS)('of version %i is read as what it means today', (version) => {
    const read = goldenRequests(version).map(upgradeRequest);
    expect(read).toEqual(goldenRequests(REQUEST_VERSION).map((request) => ({ ok: true, request })));
    // Word for word: requests are compared as JSON.
    expect(JSON.stringify(read)).toBe(
      JSON.stringify(
        goldenRequests(REQUEST_VERSION).map((request) => ({ ok: true, request: GenerateRequest.parse(request) })),
      ),
    );
  });

  it('says its version from version 2 on', () => {
    expect(goldenRequests(1).every((request) => !('version' in request))).toBe(true);
    for (const version of VERSIONS.slice(1))
      expect(goldenRequests(version).every((one) => one['version'] === version)).toBe(true);
    expect(REQUEST_DEFAULTS.version).toBe(REQUEST_VERSION);
  });

  it('of a newer version is kept as it is, with a sentence', () => {
    const raw = { version: REQUEST_VERSION + 1, words: 'a fox', film: { frames: 8 } };
    const read = upgradeRequest(raw);
    expect(read).toMatchObject({
      ok: false,
      why: 'newer',
      message: expect.stringMatching(/^This was made by a newer Twostep/),
    });
    expect(!read.ok && read.raw).toBe(raw);
    expect(upgradeRequestText(JSON.stringify(raw))).toMatchObject({ why: 'newer', raw });
  });

  it.each([
    [
      'a field too many',
      { ...TODAY, animation: 1 },
      'The request is not valid: request: Unrecognized key: "animation".',
    ],
    ['a version that is no number', { ...TODAY, version: '2' }, 'version: '],
    ['version 0', { ...TODAY, version: 0 }, 'version: '],
    ['a version between two', { ...TODAY, version: 1.5 }, 'version: '],
    ['no fields', {}, 'prompt: '],
    ['a list', [TODAY], 'The request is not valid: request: '],
    ['nothing', null, 'The request is not valid: request: '],
  ])('with %s is damaged, and kept', (_, raw, message) => {
    const read = upgradeRequest(raw);
    expect(read).toMatchObject({ ok: false, why: 'damaged', raw, message: expect.stringContaining(message) });
  });

  it('that is no JSON is damaged', () => {
    expect(upgradeRequestText('{"prompt')).toMatchObject({
      why: 'damaged',
      raw: '{"prompt',
      message: 'The request is not JSON: "{"prompt".',
    });
  });

  it('is brought up inside larger schemas, and refused there by name', () => {
    expect(AnyRequest.parse(goldenRequests(1)[0])).toEqual(TODAY);
    const issues = (value: unknown) => AnyRequest.safeParse(value).error?.issues;
    expect(issues({ version: 99 })).toMatchObject([
      { message: expect.stringMatching(/newer Twostep \(request version 99/) },
    ]);
    expect(issues({ ...TODAY, seeds: [-1] })).toMatchObject([{ path: ['seeds', 0] }]);
    expect(issues({ ...TODAY, animation: 1 })).toMatchObject([{ code: 'unrecognized_keys', keys: ['animation'] }]);
  });
});
