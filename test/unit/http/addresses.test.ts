/** Addresses that `--listen` adds, and the names by which the companion may be called. */
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { addressesFor, hostNames } from '../../../server/companion/http/addresses.js';
import type { Variables } from '../../../server/companion/http/companion.js';
import { hostOf } from '../../../server/companion/http/guard.js';
import { listen } from '../../../server/companion/http/listen.js';
import { findPort } from '../../support/serve.js';

const app = new Hono<Variables>();
app.get('/', (context) => context.text('here'));

it.each([
  [[], ['127.0.0.1', '::1']],
  [['192.168.1.7'], ['127.0.0.1', '::1', '192.168.1.7']],
  [
    ['127.0.0.1', '::1', '127.0.0.1'],
    ['127.0.0.1', '::1'],
  ],
  [
    ['0.0.0.0', '192.168.1.7'],
    ['::1', '0.0.0.0'],
  ],
  [['::', '0.0.0.0'], ['::']],
  [['::0', '0:0:0:0:0:0:0:0'], ['::']],
  [
    ['[::1]', 'localhost'],
    ['127.0.0.1', '::1'],
  ],
  [['FE80:0::1%eth0'], ['127.0.0.1', '::1', 'fe80::1%eth0']],
] as const)('%j: listens at %j', (asked, hosts) => {
  expect(addressesFor(asked).hosts).toEqual(hosts);
});

it('needs what was asked for, and nothing else', () => {
  expect(addressesFor([]).needed).toEqual([]);
  expect(addressesFor(['::1', '192.168.1.7']).needed).toEqual(['::1', '192.168.1.7']);
  expect(addressesFor(['0.0.0.0', '192.168.1.7']).needed).toEqual(['0.0.0.0']);
});

it.each(['0.0.0.0', '::'])('%s answers at the loopback as well', async (address) => {
  const port = await findPort();
  const listening = await listen(app, { ...addressesFor([address]), ports: [port] }).catch((error) => {
    // A machine without IPv6 says so.
    if (address === '::' && /EAFNOSUPPORT|EADDRNOTAVAIL/.test(error.code)) return null;
    throw error;
  });
  if (!listening) return;
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('here');
  await listening.close();
});

it('an address that the machine does not have is left out, unless somebody named it', async () => {
  const hosts = ['127.0.0.1', '203.0.113.7'];
  const ports = [await findPort()];
  const listening = await listen(app, { hosts, ports });
  await listening.close();
  await expect(listen(app, { hosts, needed: ['203.0.113.7'], ports })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
});

it('a name with an underscore, as containers have it, is one', () => {
  const host = hostOf('My_Box:21212') ?? '';
  expect(hostNames([], ['my_box']).has(host)).toBe(true);
});

const interfaces = () => ({
  eth0: [{ address: '192.168.1.7' }, { address: 'fe80::1%eth0' }] as never,
});

it('is called by the machine’s addresses only where it listens at all of them, and by names in any case', () => {
  expect([...hostNames(['10.0.0.2', 'FE80:0::2'], ['MyBox.local'], interfaces)]).toEqual([
    'localhost',
    '127.0.0.1',
    '[::1]',
    '10.0.0.2',
    '[fe80::2]',
    'mybox.local',
  ]);
  const everywhere = hostNames(['::0'], [], interfaces);
  expect(everywhere.has('192.168.1.7') && everywhere.has('[fe80::1]')).toBe(true);
  expect(everywhere.has('evil.example')).toBe(false);
});
