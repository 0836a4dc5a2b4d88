/** The stores on this machine's disk. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { openTokens } from '../../../server/companion/auth/lmdb-tokens.js';
import { openJobStore } from '../../../server/companion/jobs/lmdb-store.js';
import { describeJobStore } from '../../support/store-conformance.js';
import { describeTokens } from '../../support/tokens-conformance.js';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
const fresh = (name: string) => join(mkdtempSync(join(tmpdir(), 'twostep-stores-')), name);

describeJobStore('LMDB', async () => {
  const store = openJobStore(fresh('jobs'));
  opened.push(store);
  return store;
});

describeTokens('LMDB', async () => {
  const folder = fresh('access');
  const both = [openTokens(folder), openTokens(folder)] as const;
  opened.push(...both);
  return both;
});
