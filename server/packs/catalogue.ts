/** The packs at hand, as the companion sees them: looked up anew only when a moment has passed. */
import { GenerateError } from '../../models/protocol.js';
import type { PackFolder } from './folder.js';
import { findPack, type ListedPack, listPacks } from './list.js';

export type Catalogue = {
  list(): Promise<ListedPack[]>;
  /** @param id undefined asks for the best. @throws GenerateError `unknown-pack` */
  find(id: string | undefined): Promise<PackFolder>;
  /** To be called when packs came or went. */
  refresh(): void;
};

/** Milliseconds for which an answer holds: reading the manifests takes longer than serving a request. */
const FRESH = 2000;

export function createCatalogue(now: () => number = () => performance.now()): Catalogue {
  const answers = new Map<string, { time: number; answer: Promise<unknown> }>();
  function recall<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const known = answers.get(key);
    if (known && now() - known.time < FRESH) return known.answer as Promise<T>;
    const answer = ask();
    // A failure is not worth remembering, and a stranger's wrong names must not pile up.
    answer.catch(() => answers.delete(key));
    answers.set(key, { time: now(), answer });
    return answer;
  }
  return {
    list: () => recall('list', listPacks),
    find: (id) => (id === undefined ? recall('best', () => findPack(undefined)) : findById(id)),
    refresh: () => answers.clear(),
  };

  /** Only among the listed ones: `findPack` also takes folders, and no path of a client is opened. */
  async function findById(id: string): Promise<PackFolder> {
    const packs = (await recall('list', listPacks)).filter((pack) => pack.state === 'ready');
    const found = packs.find(({ pack }) => pack.id === id);
    if (found) return found;
    const names = packs.map(({ pack }) => pack.id).join(', ') || 'none';
    throw new GenerateError('unknown-pack', `There is no model "${id.slice(0, 100)}"; there are: ${names}.`);
  }
}
