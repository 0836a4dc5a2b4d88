/** Our numbers against those of the authors' code, for a whole folder of reference arrays. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Runtime } from '../../run/runtime.js';
import { type Comparison, compare } from './compare.js';
import { openParityFolder, ParityError, type ParityFolder } from './folder.js';
import { recomputeLlamagen } from './llamagen.js';
import { readNpy, writeNpy } from './npy.js';
import { recomputeSwitti } from './switti.js';
import { readCleaned } from './switti-text.js';
import { type CleanedCaption, readCaptions, recomputeText } from './text.js';
import { recomputeVar } from './var.js';

/**
 * Recomputes every output in `path` and writes each under its own name into `out`.
 *
 * @throws ParityError for a folder of an unknown kind or without its inputs
 */
export async function* runParity(path: string, out: string, runtime: Runtime): AsyncGenerator<Comparison> {
  const folder = openParityFolder(path, runtime);
  const kind = kindOf(folder);
  await mkdir(out, { recursive: true });
  if (resolve(out) === resolve(path)) throw new ParityError('The results can not be written over the references.');
  const captions = await CAPTIONS[kind]?.(folder);
  if (captions) yield* compareCaptions(captions, out);
  for await (const computed of RECOMPUTE[kind](folder)) {
    const file = `${computed.name}.npy`;
    writeNpy(join(out, file), computed.shape, computed.values);
    yield compare(computed, existsSync(join(path, file)) ? readNpy(join(path, file)) : undefined);
  }
}

const RECOMPUTE = { llamagen: recomputeLlamagen, var: recomputeVar, switti: recomputeSwitti, text: recomputeText };

/** Texts, where there are any to be cleaned. */
const CAPTIONS: { readonly [kind in keyof typeof RECOMPUTE]?: typeof readCaptions } = {
  switti: readCleaned,
  text: readCaptions,
};

function kindOf(folder: ParityFolder): keyof typeof RECOMPUTE {
  if (folder.has('vq.pt')) return 'llamagen';
  if (folder.has('var.pt')) return 'var';
  if (folder.has('switti')) return 'switti';
  if (folder.has('prompts.json') && folder.has('tokenizer.json')) return 'text';
  throw new ParityError(
    `"${folder.path}" is no reference folder: it has neither vq.pt (LlamaGen) nor var.pt (VAR) nor switti (Switti) nor prompts.json and tokenizer.json (text encoder).`,
  );
}

async function* compareCaptions(captions: readonly CleanedCaption[], out: string): AsyncGenerator<Comparison> {
  for (const name of new Set(captions.map((caption) => caption.name))) {
    const own = captions.filter((caption) => caption.name === name);
    await writeFile(
      join(out, `${name}.cleaned.json`),
      `${JSON.stringify(
        own.map(({ ours }) => ours),
        null,
        1,
      )}\n`,
    );
    const known = own.filter(({ theirs }) => theirs !== undefined);
    const wrong = known.filter(({ ours, theirs }) => ours !== theirs);
    yield {
      name: `${name}.json`,
      absolute: wrong.length,
      relative: known.length > 0 ? wrong.length / known.length : 0,
      agrees: wrong.length === 0,
      note: `${known.length - wrong.length} of ${known.length} captions cleaned alike${wrong[0] ? `; first difference: "${wrong[0].ours}" instead of "${wrong[0].theirs}"` : ''}`,
    };
  }
}
