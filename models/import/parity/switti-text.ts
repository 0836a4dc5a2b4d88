/** The prompts of a folder like `switti-a`: cleaned text, token ids, and the states of both encoders. */
import * as z from 'zod';
import { TEXT_ENCODER } from '../../graphs.js';
import { buildClipEncoders, readClip } from '../../nets/clip.js';
import { int64 } from '../../run/runtime.js';
import { cleanForClip } from '../../run/text/clean-clip.js';
import { createClipTokenizer } from '../../run/text/tokenize-clip.js';
import { range } from '../../sampling/schedule.js';
import type { Computed } from './compare.js';
import type { ParityFolder } from './folder.js';

const Prompts = z.array(z.object({ prompt: z.string(), clean: z.string() }));

/** CLIP was trained on so many tokens. */
const SLOTS = 77;

export type EncodedText = {
  /** [words, width of both encoders] */
  readonly states: Float32Array;
  readonly words: number;
  /** The first end token, which stands for the whole prompt: in a prompt that spells it out, not the last token. */
  readonly end: number;
};

/** Prompts with what the authors' code makes of them and what ours makes; compared as text. */
export async function readCleaned(folder: ParityFolder) {
  const prompts = Prompts.parse(await folder.json('prompts.json'));
  return prompts.map(({ prompt, clean }) => ({ name: 'prompts', ours: cleanForClip(prompt), theirs: clean }));
}

export async function* recomputePrompts(folder: ParityFolder): AsyncGenerator<Computed, readonly EncodedText[]> {
  const prompts = Prompts.parse(await folder.json('prompts.json'));
  const tokenizer = createClipTokenizer(await folder.json('text_encoder/tokenizer.json'), {
    maximum: SLOTS,
    readsSpecials: true,
  });
  const ids = prompts.map(({ prompt }) => tokenizer.encode(cleanForClip(prompt)).ids);
  const endId = ids[0]?.at(-1);
  const slots = (fill: (row: readonly number[], slot: number) => number) =>
    Int32Array.from(ids.flatMap((row) => range(0, SLOTS).map((slot) => fill(row, slot))));
  const shape = [prompts.length, SLOTS];
  const exact = { kind: 'exact' } as const;
  // Pads have the end token's id.
  yield { name: 'text.ids', shape, values: slots((row, slot) => row[slot] ?? endId ?? 0), rule: exact };
  yield { name: 'text.mask', shape, values: slots((row, slot) => (slot < row.length ? 1 : 0)), rule: exact };

  const checkpoints = [await folder.checkpoint('text_encoder'), await folder.checkpoint('text_encoder_2')] as const;
  const encoders = [
    readClip(checkpoints[0], await folder.json('text_encoder/config.json')),
    readClip(checkpoints[1], await folder.json('text_encoder_2/config.json')),
  ] as const;
  const graph = await folder.load(buildClipEncoders(encoders));
  for (const checkpoint of checkpoints) await checkpoint.close();
  const [, second] = encoders.map(({ config }) => config.width) as [number, number];
  const width = encoders[0].config.width + second;
  const encoded: EncodedText[] = [];
  for (const row of ids) {
    const outputs = await graph.run({
      [TEXT_ENCODER.inputs.ids]: int64([row.length], row),
      [TEXT_ENCODER.inputs.positions]: {
        type: 'int32',
        shape: [row.length],
        data: Int32Array.from(range(0, row.length)),
      },
    });
    const states = outputs.float32(TEXT_ENCODER.outputs.states);
    encoded.push({ states, words: row.length, end: row.indexOf(endId ?? -1) });
  }
  const context = new Float32Array(prompts.length * SLOTS * width);
  const pooled = new Float32Array(prompts.length * second);
  encoded.forEach(({ states, words, end }, prompt) => {
    context.set(states.subarray(0, words * width), prompt * SLOTS * width);
    pooled.set(states.subarray((end + 1) * width - second, (end + 1) * width), prompt * second);
  });
  // The authors leave pads as they come out, and nothing reads them.
  const counts = Uint8Array.from(context, (_, at) => {
    const slot = Math.floor(at / width);
    return slot % SLOTS < (ids[Math.floor(slot / SLOTS)]?.length ?? 0) ? 1 : 0;
  });
  yield { name: 'context', shape: [...shape, width], values: context, rule: { kind: 'values', counts } };
  yield { name: 'pooled', shape: [prompts.length, second], values: pooled, rule: { kind: 'values' } };
  return encoded;
}
