/** How checkpoints become a pack, which is each family's own; the rest (writing, hashing, going on after a stop) is import-pack.ts. */
import type { Part } from './part.js';
import type { Recipe, Role } from './recipe.js';
import type { Storage } from './storage.js';

/** What the checkpoints say of pack.json; its schema checks it with the rest. */
export type PackFields = {
  readonly condition: object;
  readonly vocabulary?: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly family: object;
};

/** Checkpoints that were opened and found to be what they were given as. */
export type Opened = {
  /** In the order in which they are made. */
  readonly parts: readonly Part[];
  readonly fields: PackFields;
  close(): Promise<void>;
};

/** @throws ImportError, CheckpointError, NetworkError: what does not fit, said before anything is written */
export type Importer<R extends Recipe> = (
  recipe: R,
  files: Readonly<Partial<Record<Role, string>>>,
  storage: Storage,
) => Promise<Opened>;
