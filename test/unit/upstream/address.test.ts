/** Addresses that owners type and servers give out: none leads where it should not. */
import { describe, expect, it } from 'vitest';
import { baseOf, mayFetch } from '../../../server/upstream/address.js';

describe('an address that the owner types', () => {
  it.each([
    ['http://localhost:8080', 'http://localhost:8080/v1'],
    ['http://localhost:8080/', 'http://localhost:8080/v1'],
    ['https://api.openai.com/v1/', 'https://api.openai.com/v1'],
    ['http://localhost:3000/api/v1', 'http://localhost:3000/api/v1'],
    ['https://api.example.com/v1/images/generations', 'https://api.example.com/v1'],
    ['http://[::1]:8080/v1', 'http://[::1]:8080/v1'],
  ])('%s is %s', (text, base) => expect(baseOf(text, true)).toBe(base));

  it.each([
    ['localhost', true, /no address/],
    ['ftp://example.com/v1', false, /not of http/],
    ['file:///etc/passwd', false, /not of http/],
    ['https://user:secret@example.com/v1', false, /holds a key/],
    ['https://example.com/v1?api_key=secret', false, /holds a key/],
    ['http://example.com/v1', true, /not encrypted/],
    ['http://192.168.1.5:8080', true, /not encrypted/],
  ])('%s is refused in words', (text, hasKey, words) => expect(() => baseOf(text, hasKey)).toThrow(words));

  it('without a key a machine of the neighbourhood needs no encryption', () => {
    expect(baseOf('http://192.168.1.5:8080', false)).toBe('http://192.168.1.5:8080/v1');
  });
});

describe('an address that a server gives out', () => {
  const base = new URL('https://api.example.com/v1');
  const resolve = async (name: string) =>
    ({ 'cdn.example.com': ['93.184.216.34'], 'mixed.example.com': ['93.184.216.34', '10.0.0.1'] })[name] ?? [];
  it.each([
    ['https://api.example.com/files/1.png', true],
    ['https://cdn.example.com/1.png', true],
    ['http://cdn.example.com/1.png', false],
    ['http://api.example.com/1.png', false],
    ['https://nowhere.example.com/1.png', false],
    ['https://mixed.example.com/1.png', false],
    ['https://127.0.0.1/1.png', false],
    ['https://2130706433/1.png', false],
    ['https://0x7f.1/1.png', false],
    ['https://[::1]/1.png', false],
    ['https://[::ffff:127.0.0.1]/1.png', false],
    ['https://[::ffff:a9fe:a9fe]/latest/meta-data', false],
    ['https://169.254.169.254/latest/meta-data', false],
    ['https://10.1.2.3/1.png', false],
    ['https://172.20.0.1/1.png', false],
    ['https://192.168.0.1/1.png', false],
    ['https://100.64.0.1/1.png', false],
    ['https://[fd00::1]/1.png', false],
    ['https://[fe80::1]/1.png', false],
    ['file:///etc/passwd', false],
  ])('%s: fetched %s', async (address, expected) => {
    expect(await mayFetch(new URL(address), base, resolve)).toBe(expected);
  });

  it('of a server on this machine is fetched from that very port alone', async () => {
    const local = new URL('http://127.0.0.1:8080/v1');
    expect(await mayFetch(new URL('http://127.0.0.1:8080/1.png'), local)).toBe(true);
    expect(await mayFetch(new URL('http://127.0.0.1:9090/1.png'), local)).toBe(false);
  });
});
