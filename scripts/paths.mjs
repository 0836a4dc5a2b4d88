/** Where things lie. Every path is absolute. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @param {string[]} parts @returns {string} a path inside the project */
export const inRoot = (...parts) => join(ROOT, ...parts);

/** Stamps of finished stages. Inside node_modules, so that deleting node_modules forgets them too. */
export const CACHE = inRoot('node_modules', '.cache', 'twostep');
