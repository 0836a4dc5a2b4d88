/** A first picture that nobody sees: graphs are loaded, kernels compiled, memory taken; and whether the best pack draws at all is known. */

import { isDeepStrictEqual } from 'node:util';
import { targetOf } from '../../models/families/packs.js';
import type { Pack } from '../../models/pack.js';
import type { Engine, GenerateRequest } from '../../models/protocol.js';
import { buildRequest } from '../../models/request/build.js';
import { onceEach } from '../../models/request/schedule.js';
import type { Catalogue } from '../packs/catalogue.js';

/** The packs at hand, of which the best may turn out not to draw. */
export type Choice = Catalogue & {
  /** From now on whoever names no pack gets `spare`, until something else is the best. */
  replace(best: Pack, spare: Pack): void;
};

export function createChoice(catalogue: Catalogue): Choice {
  let replaced: { readonly best: Pack; readonly spare: Pack } | undefined;
  return {
    ...catalogue,
    async find(id) {
      const found = await catalogue.find(id);
      // A pack that was mended is another one.
      const isReplaced = id === undefined && replaced !== undefined && isDeepStrictEqual(found.pack, replaced.best);
      return isReplaced ? catalogue.find(replaced?.spare.id).catch(() => found) : found;
    },
    replace(best, spare) {
      replaced = { best, spare };
    },
  };
}

export type WarmUp = {
  /** What is drawn with where nobody names a pack. */
  readonly pack: Pack;
  /** Null when it draws; otherwise why it does not, in a sentence. */
  readonly failure: string | null;
  /** The best pack and why it does not draw, where another took its place. */
  readonly aside: { readonly pack: Pack; readonly failure: string } | null;
};

/** Tries the best pack and, where it does not draw, the one that comes along. */
export async function warmUp(engine: Engine, choice: Choice, best: Pack, signal: AbortSignal): Promise<WarmUp> {
  const failure = await draw(engine, best, signal);
  if (failure === null) return { pack: best, failure, aside: null };
  const spare = (await choice.list()).find(
    (one) => one.state === 'ready' && one.embedded && !isDeepStrictEqual(one.pack, best),
  );
  // Where none draws it is not the pack's fault.
  if (spare?.state !== 'ready' || (await draw(engine, spare.pack, signal)) !== null)
    return { pack: best, failure, aside: null };
  choice.replace(best, spare.pack);
  return { pack: spare.pack, failure: null, aside: { pack: best, failure } };
}

/** Every kind of pass once is enough to have it ready, so of refinements there is one. @returns why it does not draw, or null */
async function draw(engine: Engine, pack: Pack, signal: AbortSignal): Promise<string | null> {
  try {
    const usual = buildRequest(targetOf(pack), { prompt: pack.ideas[0] ?? 'a circle', seeds: [0], force: true });
    const once: GenerateRequest = { ...usual, schedule: onceEach(usual.schedule) };
    for await (const event of engine(once, signal)) {
      if (event.type === 'done') return null;
      if (event.type === 'error') return event.message;
    }
    return 'The engine ended without a picture.';
  } catch (error) {
    // Its numbers are wrong, as where weights were rounded too much. What the engine's process tells of a fault is a stack, whose first line has the reason.
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    return line.replace(/^\w*Error: /, '');
  }
}
