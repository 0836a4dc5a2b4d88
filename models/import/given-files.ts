/** The files that an import was given, and what is said of one that is not what it was given as. */
import { readFile } from 'node:fs/promises';
import { openCheckpoint } from '../checkpoint/open.js';
import { withoutPrefix } from '../checkpoint/prefix.js';
import type { Checkpoint } from '../checkpoint/tensor.js';
import { ImportError, type Recipe, type Role } from './recipe.js';

export type GivenFiles = {
  /**
   * Opens the checkpoint of a role; undefined where none was given.
   *
   * @param anchors names by which the network is known, whatever stands before all of its names
   * @param prefer which of several tables is wanted, the trained weights unless told otherwise
   */
  open(role: Role, anchors: readonly string[], prefer?: 'model' | 'ema'): Promise<Checkpoint | undefined>;
  close(): Promise<void>;
};

/** Every tokenizer of codes has this tensor. */
export const VQ_ANCHORS = ['quantize.embedding.weight'];

/** @param files paths by role */
export function giveFiles(files: Readonly<Partial<Record<Role, string>>>): GivenFiles {
  const opened: Checkpoint[] = [];
  return {
    async open(role, anchors, prefer = 'model') {
      const path = files[role];
      if (path === undefined) return undefined;
      const checkpoint = await openCheckpoint(path, { prefer });
      opened.push(checkpoint);
      return withoutPrefix(checkpoint, anchors);
    },
    async close() {
      for (const checkpoint of opened.splice(0)) await checkpoint.close();
    },
  };
}

/** A small file beside a network's weights. @throws ImportError */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new ImportError(`There is no "${path}", which belongs to the weights beside it.`);
  });
  try {
    // Some editors put a mark before the text, which is not JSON.
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new ImportError(`"${path}" is not JSON: ${(error as Error).message}`);
  }
}

/** @returns the error that says which file the recipe means and what is wrong with this one */
export function wrongFile(recipe: Recipe, role: Role, checkpoint: Checkpoint, what: string): ImportError {
  const named = recipe.files[role] ? ` ("${recipe.files[role]}")` : '';
  return new ImportError(`"${checkpoint.file}" is not the ${role} of recipe ${recipe.name}${named}: ${what}.`);
}

/** @throws ImportError where a transformer is not of the recipe's sizes, or does not belong to the tokenizer */
export function requireSizes(
  recipe: Recipe,
  role: 'student' | 'teacher',
  checkpoint: Checkpoint,
  sizes: {
    readonly width: number;
    readonly layers: number;
    readonly codes: number;
    /** Codes of the tokenizer. */
    readonly tokenizer: number;
  },
): void {
  const { expect } = recipe;
  if (expect)
    for (const key of ['width', 'layers', 'codes'] as const)
      if (sizes[key] !== expect[key])
        throw wrongFile(recipe, role, checkpoint, `its ${key} is ${sizes[key]}, not ${expect[key]}`);
  if (sizes.codes !== sizes.tokenizer)
    throw new ImportError(
      `The ${role} knows ${sizes.codes} codes and the VQ tokenizer ${sizes.tokenizer}; they do not belong together.`,
    );
}
