/** Switti's folders of the hub, checked before anything is written. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '../../checkpoint/tensor.js';
import { type ClipEncoder, readClip } from '../../nets/clip.js';
import { inferSwitti, type SwittiConfig } from '../../nets/switti/config.js';
import { takeSwitti } from '../../nets/switti/network.js';
import { readVae, type Vae } from '../../nets/var/vae.js';
import type { Weights } from '../../nets/weights.js';
import { createClipTokenizer } from '../../run/text/tokenize-clip.js';
import { describeMissingTokenizer } from '../folders.js';
import { giveFiles, readJsonFile, requireSizes, VQ_ANCHORS, wrongFile } from '../given-files.js';
import { ImportError, type Role, type SwittiRecipe } from '../recipe.js';

export type SwittiSources = {
  readonly recipe: SwittiRecipe;
  readonly vae: Vae;
  readonly config: SwittiConfig;
  readonly weights: Weights;
  /** In the order in which their states lie side by side. */
  readonly encoders: readonly [ClipEncoder, ClipEncoder];
  /** tokenizer.json as it is, and what it makes of the empty prompt. */
  readonly tokenizer: { readonly bytes: Uint8Array; readonly nothing: readonly number[] };
  close(): Promise<void>;
};

/** Names by which a network is known, whatever stands before all of its names. */
const TRANSFORMER = ['blocks.0.attn.to_qkv.weight'];
const TEXT = ['text_model.encoder.layers.0.self_attn.q_proj.weight'];

/** @throws ImportError, CheckpointError, NetworkError: what does not fit, said before anything is written */
export async function openSources(
  recipe: SwittiRecipe,
  files: Readonly<Partial<Record<Role, string>>>,
): Promise<SwittiSources> {
  const { open, close } = giveFiles(files);
  const need = async (role: Role, anchors: readonly string[]) => {
    const checkpoint = await open(role, anchors);
    const folder = files[role];
    if (!checkpoint || folder === undefined)
      throw new ImportError(`Recipe ${recipe.name} needs --${role} ${recipe.files[role] ?? 'FOLDER'}.`);
    return { checkpoint, folder };
  };
  try {
    const vae = readVae((await need('vq', VQ_ANCHORS)).checkpoint, { groups: recipe.groups });
    const transformer = await need('teacher', TRANSFORMER);
    if (!(await stat(transformer.folder)).isDirectory())
      throw new ImportError(
        `"${transformer.folder}" is a file; --teacher takes the folder with its config.json, which says what its tensors don't.`,
      );
    const { checkpoint } = transformer;
    const config = inferSwitti(checkpoint, await readJsonFile(join(transformer.folder, 'config.json')));
    requireSizes(recipe, 'teacher', checkpoint, { ...config, tokenizer: vae.config.codes });
    if (config.channels !== vae.config.channels)
      throw new ImportError(
        `The transformer reads codes of ${config.channels} channels and the VQ tokenizer has ${vae.config.channels}; they do not belong together.`,
      );
    const encoder = async (role: 'text' | 'text2') => {
      const { checkpoint: own, folder } = await need(role, TEXT);
      return { checkpoint: own, folder, read: readClip(own, await readJsonFile(join(folder, 'config.json'))) };
    };
    const [first, second] = [await encoder('text'), await encoder('text2')];
    const encoders = [first.read, second.read] as const;
    checkEncoders(recipe, config, encoders, second.checkpoint);
    const rows = Math.min(...encoders.map((one) => one.config.vocabulary));
    const tokenizer = await readTokenizer([first.folder, second.folder], recipe.tokens, rows);
    return { recipe, vae, config, weights: takeSwitti(checkpoint, config), encoders, tokenizer, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function checkEncoders(
  recipe: SwittiRecipe,
  config: SwittiConfig,
  encoders: readonly [ClipEncoder, ClipEncoder],
  second: Checkpoint,
): void {
  const widths = encoders.map((one) => one.config.width);
  const both = widths.reduce((sum, width) => sum + width, 0);
  if (widths[1] !== config.pooled)
    throw wrongFile(
      recipe,
      'text2',
      second,
      `its states are ${widths[1]} wide, and the transformer reads ${config.pooled}`,
    );
  if (both !== config.context)
    throw new ImportError(
      `The text encoders' states are ${widths.join(' and ')} wide, ${both} together, but the transformer reads ${config.context}.`,
    );
  for (const { config: own, weights } of encoders)
    if (own.tokens < recipe.tokens)
      throw new ImportError(
        `"${weights.file}" reads ${own.tokens} tokens, but recipe ${recipe.name} says ${recipe.tokens}.`,
      );
}

/** Both encoders have one tokenizer, so that a prompt is read once; where both folders hold it, they have to agree. */
async function readTokenizer(
  folders: readonly string[],
  maximum: number,
  rows: number,
): Promise<SwittiSources['tokenizer']> {
  const paths = folders.map((folder) => join(folder, 'tokenizer.json'));
  const there: string[] = [];
  for (const path of paths) if (await stat(path).catch(() => undefined)) there.push(path);
  const [path, other] = there;
  if (path === undefined) throw new ImportError(await describeMissingTokenizer(folders[0] ?? ''));
  try {
    const json = await readJsonFile(path);
    const { tokens, encode } = createClipTokenizer(json, { maximum });
    if (tokens > rows) throw new Error(`it has ${tokens} tokens, and an encoder's table of words only ${rows} rows`);
    if (other !== undefined && wordsOf(json) !== wordsOf(await readJsonFile(other)))
      throw new Error(`"${other}" has other tokens`);
    return { bytes: await readFile(path), nothing: encode('').ids };
  } catch (cause) {
    throw new ImportError(`"${path}" can not be used: ${(cause as Error).message}`, { cause });
  }
}

/** Ids and pairs, in an order that the file does not decide. */
function wordsOf(tokenizerJson: unknown): string {
  const { vocab, merges } = (tokenizerJson as { model: { vocab: Record<string, number>; merges: unknown[] } }).model;
  const pairs = merges.map((merge) => (Array.isArray(merge) ? merge.join(' ') : merge));
  return JSON.stringify([Object.entries(vocab).sort(([, one], [, two]) => one - two), pairs]);
}
