import { expect, it } from 'vitest';
import { ImagesRequest, JobEvent, PORTS, STATUS_OF } from '../../../models/api.js';
import { ERROR_CODES } from '../../../models/protocol.js';

it('every error of the core has a status, and only what is worth repeating is repeated by clients', () => {
  for (const [code, remedy] of Object.entries(ERROR_CODES)) {
    const status = STATUS_OF[code as keyof typeof STATUS_OF];
    expect([code, status >= 500]).toEqual([code, remedy === 'retry' || remedy === 'repair']);
  }
});

it('ports are fixed, different and below the ephemeral ones', () => {
  expect(new Set(PORTS).size).toBe(PORTS.length);
  for (const port of PORTS) expect(port).toBeGreaterThan(1024);
  for (const port of PORTS) expect(port).toBeLessThan(32_768);
});

it('an Images request refuses fields that nobody knows', () => {
  expect(ImagesRequest.safeParse({ prompt: 'a', n: 2, size: '1024x1024' }).success).toBe(true);
  expect(ImagesRequest.safeParse({ prompt: 'a', sise: '1024x1024' }).error?.issues[0]).toMatchObject({
    code: 'unrecognized_keys',
    keys: ['sise'],
  });
});

it('an event needs a known type', () => {
  expect(JobEvent.safeParse({ type: 'done', milliseconds: { load: 1 } }).success).toBe(true);
  expect(JobEvent.safeParse({ type: 'finished' }).success).toBe(false);
});
