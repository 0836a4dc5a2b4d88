/** The mixed soak in full: 1,000 accepted jobs, each kind of fault five times. */
import { expect, it } from 'vitest';
import { runSoak } from '../support/soak.js';
import { prepareSoak } from '../support/soak-setup.js';

const JOBS = 1000;
const ROUNDS = 5;

it.skipIf(!process.env['TWOSTEP_BENCH'])(
  `${JOBS} jobs with ${ROUNDS} faults of each kind: none lost, none twice, none failed for somebody else's fault`,
  async () => {
    const began = performance.now();
    const { wrong, ...result } = await runSoak({ ...(await prepareSoak()), jobs: JOBS, rounds: ROUNDS });
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stdout.write(`soak in ${seconds} s: ${JSON.stringify(result)}; wrong: ${wrong.length}\n`);
    expect(wrong).toEqual([]);
    expect(result.accepted).toBeGreaterThanOrEqual(JOBS);
  },
  3_000_000,
);
