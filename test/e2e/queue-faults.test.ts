/** Workers, gateways and the server of their queue are killed at random under load: nothing that was accepted is lost, and nothing is there twice. */
import { expect, it } from 'vitest';
import { runFaults } from '../support/queue-faults.js';
import { REDIS_SERVERS } from '../support/redis.js';

it.skipIf(REDIS_SERVERS.length === 0)('60 jobs outlive whatever is killed', async () => {
  const report = await runFaults({ jobs: 60, workers: 3, gateways: 2, milliseconds: 100, every: 1500, clients: 12 });
  const { wrong, lost, twice, accepted, kills } = report;
  expect({ wrong, lost, twice, accepted }).toEqual({ wrong: [], lost: 0, twice: 0, accepted: 60 });
  expect(Object.values(kills).reduce((sum, count) => sum + count)).toBeGreaterThan(0);
});
