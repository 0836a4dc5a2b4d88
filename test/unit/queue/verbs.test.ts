/** `--queue` on the command line: which addresses are taken, and what the verbs are told. */
import { expect, it } from 'vitest';
import type { ServeOptions } from '../../../server/companion/serve.js';
import type { WorkOptions } from '../../../server/queue/work.js';
import { runCommand } from '../../support/command.js';

it.each(['redis://localhost', 'redis://me:secret@queue.local:6379/3', 'rediss://[::1]:6380'])(
  'takes %s',
  async (queue) => {
    const told: (WorkOptions | ServeOptions)[] = [];
    const work = async (options: WorkOptions) => {
      told.push(options);
      return 0 as const;
    };
    const serve = async (options: ServeOptions) => {
      told.push(options);
      return 0 as const;
    };
    expect((await runCommand(['work', '--queue', queue, '--packs', 'a', 'b'], { work })).exitCode).toBe(0);
    expect((await runCommand(['serve', '--queue', queue], { serve })).exitCode).toBe(0);
    expect(told).toMatchObject([{ queue, packs: ['a', 'b'] }, { queue }]);
  },
);

it.each(['localhost:6379', 'http://localhost', 'redis://', 'redis://localhost/pictures'])(
  'refuses %s',
  async (queue) => {
    const { exitCode, stderr } = await runCommand(['work', '--queue', queue]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/Expected redis:\/\//);
  },
);

it('no worker without a queue', async () => {
  const { exitCode, stderr } = await runCommand(['work']);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/--queue <url>/);
});
