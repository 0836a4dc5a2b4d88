import { describe, expect, it } from 'vitest';
import { createFairQueue } from '../../../server/jobs/fair-queue.js';

describe('the fair queue', () => {
  it('gives clients turns, and keeps the order within each', () => {
    const queue = createFairQueue<string>({ limit: 10, perClient: 10 });
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) expect(queue.push(item[0] as string, item)).toBe(true);
    const order = ['a1', 'b1', 'c1', 'a2', 'b2', 'a3'];
    expect(order.map((item) => queue.ahead(item))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(order.map(() => queue.shift())).toEqual(order);
    expect([queue.shift(), queue.size, queue.ahead('a1')]).toEqual([undefined, 0, -1]);
  });

  it('is bounded, in all and for each client, except for what was accepted before', () => {
    const queue = createFairQueue<number>({ limit: 3, perClient: 2 });
    expect([queue.push('a', 1), queue.push('a', 2), queue.push('a', 3)]).toEqual([true, true, false]);
    expect([queue.push('b', 4), queue.push('b', 5)]).toEqual([true, false]);
    queue.restore('a', 6);
    expect(queue.size).toBe(4);
  });

  it('forgets what is removed', () => {
    const queue = createFairQueue<number>({ limit: 3, perClient: 3 });
    queue.push('a', 1);
    queue.push('a', 2);
    expect([queue.remove(1), queue.remove(1), queue.size, queue.shift()]).toEqual([true, false, 1, 2]);
  });
});
