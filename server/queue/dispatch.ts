/** BullMQ between gateways and workers: a queue a pack, of runs. Who waits, and whose turn it is, gateways know; here lies what is next. */
import { Queue } from 'bullmq';
import type { GenerateRequest } from '../../models/protocol.js';
import { keyOf, PREFIX, type SharedRedis } from './redis.js';

/** What a worker is given. */
export type Order = { readonly run: string; readonly request: GenerateRequest };

/** Names of BullMQ's queues hold no colon, and ids of packs none either. */
export const queueName = (pack: string): string => `pack.${pack}`;
export const BULL_PREFIX = `${PREFIX}:bull`;

export type Dispatch = {
  /** Hands a run to the workers; one that is there already is not there twice. */
  hand(order: Order): Promise<void>;
  /** Takes back what no worker has begun. */
  takeBack(order: Order): Promise<void>;
  /** Runs of these packs that wait for a worker. */
  depths(packs: readonly string[]): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
};

export function createDispatch(shared: SharedRedis): Dispatch {
  const connection = shared.connection();
  const queues = new Map<string, Queue<Order>>();
  const queueOf = (pack: string) => {
    const known = queues.get(pack);
    if (known) return known;
    const queue = new Queue<Order>(queueName(pack), { connection, prefix: BULL_PREFIX });
    // The connection tells its faults itself.
    queue.on('error', () => {});
    queues.set(pack, queue);
    return queue;
  };
  return {
    async hand(order) {
      const { pack } = order.request;
      await queueOf(pack).add('run', order, { jobId: order.run, removeOnComplete: true, removeOnFail: true });
      shared.publish(keyOf('work', pack), '');
    },
    async takeBack({ run, request }) {
      // One that a worker has is locked; the worker hears by itself that nobody wants it.
      await queueOf(request.pack)
        .remove(run)
        .catch(() => 0);
    },
    async depths(packs) {
      const counts = await Promise.all(packs.map((pack) => queueOf(pack).getWaitingCount()));
      return new Map(packs.map((pack, at) => [pack, counts[at] ?? 0]));
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      connection.disconnect();
    },
  };
}
