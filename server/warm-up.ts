/** A first picture that nobody sees: graphs are loaded, kernels compiled, memory taken. */
import type { Pack } from '../models/pack.js';
import type { Engine, GenerateRequest } from '../models/protocol.js';
import { buildRequest } from './cli/request.js';

/** Null when the pack draws; otherwise why it does not, in a sentence. */
export type WarmUp = { readonly failure: string | null };

/** Every kind of pass once is enough to have it ready, so of refinements there is one. */
export async function warmUp(engine: Engine, pack: Pack, signal: AbortSignal): Promise<WarmUp> {
  const usual = buildRequest({ idea: true, prompt: pack.ideas[0] ?? 'a circle' }, pack, null, () => 0);
  const { schedule } = usual;
  const once: GenerateRequest =
    schedule.kind === 'student' && schedule.refinements
      ? { ...usual, schedule: { ...schedule, refinements: 1 } }
      : usual;
  try {
    for await (const event of engine(once, signal)) {
      if (event.type === 'done') return { failure: null };
      if (event.type === 'error') return { failure: event.message };
    }
  } catch (error) {
    // A pack whose numbers are wrong, such as one that was rounded too much: the companion has others, and is there to say so.
    return { failure: error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error) };
  }
  return { failure: 'The engine ended without a picture.' };
}
