/** The mixed soak in small; `npm run bench` has it in full (test/bench/soak.test.ts). */
import { expect, it } from 'vitest';
import { runSoak } from '../support/soak.js';
import { prepareSoak } from '../support/soak-setup.js';

const JOBS = Number(process.env['TWOSTEP_SOAK_JOBS'] ?? 100);

it(`${JOBS} jobs, with engine and companion killed, store damaged, disk full and clients gone: none lost, none twice, none failed`, async () => {
  const { wrong, ...result } = await runSoak({ ...(await prepareSoak()), jobs: JOBS, rounds: 1 });
  process.stdout.write(`${JSON.stringify(result)}\n`);
  expect(wrong).toEqual([]);
  expect(result.faults).toEqual({ 'engine killed': 1, 'companion killed': 1, 'store damaged': 1, 'disk full': 1 });
  expect(result.drawn).toBeGreaterThan(JOBS / 2);
}, 180_000);
