import { expect, it } from 'vitest';
import { GIVES_BLOCKS_BACK, wantsRestart } from '../../../server/engine/memory.js';

const host = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv) => ({ ...process, platform, env });

it('E2: a process begins anew for a large pack on Linux, once', () => {
  const large = [{ size: 200_000_000 }, { size: 100_000_000 }];
  expect(wantsRestart(large, host('linux', {}))).toBe(true);
  expect(wantsRestart(large, host('linux', { ...GIVES_BLOCKS_BACK }))).toBe(false);
  expect(wantsRestart([{ size: 13_000_000 }], host('linux', {}))).toBe(false);
  for (const platform of ['darwin', 'win32'] as const) expect(wantsRestart(large, host(platform, {}))).toBe(false);
});
