#!/usr/bin/env node
/**
 * The one door of `npm start`, `npm test` and the other verbs: installs and builds what is missing or stale, then runs the verb.
 *
 * Plain JavaScript without dependencies, because on a fresh clone there is nothing else. This file itself keeps to syntax
 * that old versions of Node can read, so that they reach the sentence below instead of a syntax error.
 */
const MINIMUM_NODE = { major: 20, minor: 12 };

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < MINIMUM_NODE.major || (major === MINIMUM_NODE.major && minor < MINIMUM_NODE.minor)) {
  console.error(
    'Twostep needs Node.js ' +
      MINIMUM_NODE.major +
      '.' +
      MINIMUM_NODE.minor +
      ' or newer; this is ' +
      process.versions.node +
      ' at ' +
      process.execPath +
      '. Install a current one from https://nodejs.org and run the same command again.',
  );
  process.exitCode = 1;
} else {
  import('./verbs.mjs').then(({ runVerb }) => runVerb(process.argv.slice(2)));
}
