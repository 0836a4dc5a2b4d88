/** `twostep import`: other people's checkpoints become a pack. */
import { join, resolve } from 'node:path';
import { userPackFolder } from '../packs/places.js';
import { CommandError } from './errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { formatBytes } from './pack.js';
import type { Reporter } from './reporter.js';

/** The roles that a file can have in a recipe, and the option that names it. */
export const IMPORT_ROLES = ['teacher', 'student', 'vq', 'text'] as const;
export type ImportRole = (typeof IMPORT_ROLES)[number];

export type ImportJob = {
  readonly recipe: string;
  /** Paths of what was given; which are needed is the recipe's to say. */
  readonly files: Readonly<Partial<Record<ImportRole, string>>>;
  /** Folder of the pack that is to be made. */
  readonly out: string;
};

export type ImportEvent =
  | { readonly type: 'progress'; readonly label: string; readonly fraction: number }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'done'; readonly id: string; readonly folder: string; readonly bytes: number };

export type Importer = {
  readonly recipes: readonly {
    readonly name: string;
    readonly description: string;
    readonly roles: readonly ImportRole[];
  }[];
  /** Resumes what was begun; leaves nothing behind when it fails. Expected failures throw errors that `describeFailure` knows. */
  run(job: ImportJob, signal: AbortSignal): AsyncIterable<ImportEvent>;
};

export type ImportOptions = Readonly<Partial<Record<ImportRole, string | undefined>>> & {
  readonly recipe: string;
  readonly out?: string | undefined;
};

export async function runImport(
  options: ImportOptions,
  { importer, reporter, signal }: { importer: Importer; reporter: Reporter; signal: AbortSignal },
): Promise<ExitCode> {
  const recipe = importer.recipes.find(({ name }) => name === options.recipe);
  if (!recipe)
    throw new CommandError(
      EXIT.usage,
      `There is no recipe "${options.recipe}". There are ${importer.recipes.map(({ name }) => name).join(', ')}.`,
    );
  const given = IMPORT_ROLES.flatMap((role) =>
    options[role] === undefined ? [] : [[role, resolve(options[role])] as const],
  );
  const useless = given.filter(([role]) => !recipe.roles.includes(role)).map(([role]) => `--${role}`);
  if (useless.length > 0)
    throw new CommandError(
      EXIT.usage,
      `Recipe ${recipe.name} has no use for ${useless.join(', ')}; it takes ${recipe.roles.map((role) => `--${role}`).join(', ')}.`,
    );
  const job = {
    recipe: recipe.name,
    files: Object.fromEntries(given),
    out: resolve(options.out ?? join(userPackFolder(), recipe.name)),
  };
  try {
    for await (const event of importer.run(job, signal))
      switch (event.type) {
        case 'progress':
          reporter.progress(event, event);
          break;
        case 'warning':
          reporter.note(event, `Note: ${event.message}`);
          break;
        case 'done':
          reporter.result(event, `${event.folder}`);
          reporter.note({ type: 'imported', id: event.id }, `Pack ${event.id}, ${formatBytes(event.bytes)}.`);
          return EXIT.ok;
        default:
          event satisfies never;
      }
  } finally {
    reporter.end();
  }
  throw new Error('the importer stopped without saying "done"');
}
