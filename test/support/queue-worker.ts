/** A worker of a shared queue as a process of its own, with an engine that takes a fixed time: QUEUE, MILLISECONDS of a picture. */

import { connectRedis } from '../../server/queue/redis.js';
import { startWorker } from '../../server/queue/worker.js';
import { createFakeEngine, drawAll, type Step } from './fake-engine.js';
import { describePack } from './packs.js';

const [url = '', time = '0'] = process.argv.slice(2);
const wait: Step = { type: 'wait', milliseconds: Number(time) };
const engine = createFakeEngine(
  (request) => drawAll(request).flatMap((step): Step[] => (step.type === 'picture' ? [wait, step] : [step])),
  { remember: false },
);
const shared = await connectRedis(url);
await startWorker({ shared, engine, packs: [describePack()], provider: 'cpu' });
process.stdout.write('The worker is ready.\n');
