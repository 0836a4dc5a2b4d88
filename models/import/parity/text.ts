/** Every output of a folder like `t5-a`: cleaned captions, token ids and masks, and the encoder's states. */
import * as z from 'zod';
import { TEXT_ENCODER } from '../../graphs.js';
import { buildTextEncoder, readT5 } from '../../nets/t5.js';
import { int64 } from '../../run/runtime.js';
import { cleanCaption } from '../../run/text/clean.js';
import { createTokenizer } from '../../run/text/tokenize.js';
import { range } from '../../sampling/schedule.js';
import type { Computed } from './compare.js';
import type { ParityFolder } from './folder.js';

const Prompts = z.array(z.object({ prompt: z.string(), cleaned: z.string() }).partial({ cleaned: true }));

/** LlamaGen's captions have at most this many tokens. */
const SLOTS = 120;

/** A caption and what the authors' cleaning makes of it; compared as text. */
export type CleanedCaption = { readonly name: string; readonly ours: string; readonly theirs: string | undefined };

export async function readCaptions(folder: ParityFolder): Promise<CleanedCaption[]> {
  const captions: CleanedCaption[] = [];
  for (const name of ['prompts', 'clean'])
    if (folder.has(`${name}.json`))
      for (const { prompt, cleaned } of Prompts.parse(await folder.json(`${name}.json`)))
        captions.push({ name, ours: cleanCaption(prompt), theirs: cleaned });
  return captions;
}

export async function* recomputeText(folder: ParityFolder): AsyncGenerator<Computed> {
  const prompts = Prompts.parse(await folder.json('prompts.json'));
  const tokenizer = createTokenizer(await folder.json('tokenizer.json'), { maximum: SLOTS });
  const ids = prompts.map(({ prompt }) => tokenizer.encode(cleanCaption(prompt)).ids);
  const shape = [prompts.length, SLOTS];
  const slots = (fill: (row: readonly number[], slot: number) => number) =>
    Int32Array.from(ids.flatMap((row) => range(0, SLOTS).map((slot) => fill(row, slot))));
  yield { name: 'text.ids', shape, values: slots((row, slot) => row[slot] ?? 0), rule: { kind: 'exact' } };
  yield {
    name: 'text.mask',
    shape,
    values: slots((row, slot) => (slot < row.length ? 1 : 0)),
    rule: { kind: 'exact' },
  };

  const checkpoint = await folder.checkpoint('.');
  const encoder = readT5(checkpoint, await folder.json('config.json'));
  const { width } = encoder.config;
  const graph = await folder.load(buildTextEncoder(encoder, { tokens: SLOTS }));
  await checkpoint.close();
  const states = new Float32Array(prompts.length * SLOTS * width);
  for (const [index, row] of ids.entries()) {
    const outputs = await graph.run({
      [TEXT_ENCODER.inputs.ids]: int64([row.length], row),
      [TEXT_ENCODER.inputs.positions]: {
        type: 'int32',
        shape: [row.length],
        data: Int32Array.from(range(0, row.length)),
      },
    });
    states.set(outputs.float32(TEXT_ENCODER.outputs.states), index * SLOTS * width);
  }
  yield { name: 'text.states', shape: [...shape, width], values: states, rule: { kind: 'values' } };
}
