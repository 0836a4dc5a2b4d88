/**
 * Loaded with `--import` before a program: writes down every look-up of a name and every socket that it opens towards somewhere,
 * in each of its threads, a line each, to the file that WATCH_NETWORK names.
 */
import { appendFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const require = createRequire(import.meta.url);
const file = process.env['WATCH_NETWORK'] ?? '';
/** @param {...unknown} words */
const say = (...words) => appendFileSync(file, `${words.join(' ')}\n`);

/** @typedef {Record<string, any>} Methods a module or a prototype, whose methods may be replaced */

/**
 * Tells of each call of these methods, then does what they did.
 * @param {Methods} object
 * @param {string} kind
 * @param {readonly string[]} names
 * @param {(args: any[]) => string} describe
 */
function watch(object, kind, names, describe = (args) => String(args[0])) {
  for (const name of names) {
    const original = object[name];
    if (typeof original !== 'function') continue;
    object[name] = /** @this {unknown} @param {any[]} args */ function (...args) {
      say(kind, name, describe(args));
      return original.apply(this, args);
    };
  }
}

/** @param {Methods} object */
const lookups = (object) => Object.keys(object).filter((name) => /^(lookup|resolve|reverse)/.test(name));
const dns = require('node:dns');
watch(dns, 'dns', lookups(dns));
watch(dns.promises, 'dns', lookups(dns.promises));
watch(
  dns.Resolver.prototype,
  'dns',
  Object.getOwnPropertyNames(dns.Resolver.prototype).filter((name) => /^re/.test(name)),
);
const net = require('node:net');
/**
 * Of a socket's `connect`: (options), (port, host) or (path), or, from within node:net, one array of [options, callback].
 * @param {any[]} args
 */
function describeConnect([first, second]) {
  const options = Array.isArray(first) ? first[0] : first;
  return typeof options === 'object' ? [options.host, options.port, options.path].join(' ') : `${second} ${first}`;
}
watch(net.Socket.prototype, 'socket', ['connect'], describeConnect);
const dgram = require('node:dgram');
watch(dgram.Socket.prototype, 'datagram', ['send', 'connect'], (args) => args.slice(1).join(' '));
syncBuiltinESMExports();

say('begin', isMainThread ? 'program' : 'thread', process.pid);
