import { describe, expect, it } from 'vitest';
import { createFairQueue } from '../../../server/companion/jobs/fair-queue.js';

/** `a` is a token; `ax` one of its users. */
const whose = (client: string) => ({ owner: client[0] as string, client });

describe('the fair queue', () => {
  it('gives tokens turns, and keeps the order within each', () => {
    const queue = createFairQueue<string>({ limit: 10, perOwner: 10, reserved: 1 });
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'])
      expect(queue.push(whose(item[0] as string), item)).toBe(true);
    const order = ['a1', 'b1', 'c1', 'a2', 'b2', 'a3'];
    expect(order.map((item) => queue.ahead(item))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(order.map(() => queue.shift(''))).toEqual(order);
    expect([queue.shift(''), queue.size, queue.ahead('a1')]).toEqual([undefined, 0, -1]);
  });

  it('D9: gives turns to tokens first, and then to the users of each', () => {
    const queue = createFairQueue<string>({ limit: 10, perOwner: 10, reserved: 1 });
    for (const item of ['ax1', 'ax2', 'ay1', 'az1', 'b1', 'b2']) queue.push(whose(item.slice(0, -1)), item);
    const order = ['ax1', 'b1', 'ay1', 'b2', 'az1', 'ax2'];
    expect(order.map((item) => queue.ahead(item))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(order.map(() => queue.shift(''))).toEqual(order);
  });

  it('D9: is bounded, in all and for each token, and has a place for one who has little there', () => {
    const queue = createFairQueue<number>({ limit: 4, perOwner: 3, reserved: 1 });
    for (const user of [1, 2, 3]) expect(queue.push({ owner: 'a', client: `a ${user}` }, user)).toBe(true);
    expect([queue.push({ owner: 'a', client: 'a 4' }, 4), queue.untilPlace('a')]).toEqual([false, 1]);
    expect([queue.push(whose('b'), 5), queue.push(whose('b'), 6), queue.untilPlace('b')]).toEqual([true, false, 1]);
    expect([queue.untilPlace('c'), queue.push(whose('c'), 7)]).toEqual([0, true]);
    queue.restore(whose('a'), 8);
    expect(queue.size).toBe(6);
  });

  it('forgets what is removed', () => {
    const queue = createFairQueue<number>({ limit: 3, perOwner: 3, reserved: 1 });
    queue.push(whose('a'), 1);
    queue.push(whose('a'), 2);
    expect([queue.remove(1), queue.remove(1), queue.size, queue.shift('')]).toEqual([true, false, 1, 2]);
  });

  it('has lanes that do not hold each other up, with limits for all of them together', () => {
    const queue = createFairQueue<string>({ limit: 3, perOwner: 3, reserved: 1 }, (item) => item.slice(0, 4));
    for (const item of ['slow1', 'slow2', 'here1']) queue.push(whose('a'), item);
    expect([queue.push(whose('a'), 'here2'), queue.size, queue.lanes()]).toEqual([false, 3, ['slow', 'here']]);
    expect([queue.ahead('here1'), queue.ahead('slow2'), queue.shift('here')]).toEqual([0, 1, 'here1']);
    expect([queue.lanes(), queue.shift('here'), queue.remove('slow2'), queue.size]).toEqual([
      ['slow'],
      undefined,
      true,
      1,
    ]);
  });
});
