/** `twostep import`: other people's checkpoints become a pack. */
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ImportEvent, ImportJob } from '../../models/import/import-pack.js';
import { Recipe, ROLES, type Role } from '../../models/import/recipe.js';
import { CommandError } from '../node/errors.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import { prepareOutput } from '../node/output-folder.js';
import type { Reporter } from '../node/reporter.js';
import { isFull, StorageError } from '../node/storage.js';
import { userPackFolder } from '../packs/places.js';
import { type Ask, isYes } from './ask.js';
import { formatBytes } from './pack.js';

export type Importer = {
  readonly recipes: readonly Recipe[];
  run(job: ImportJob, signal: AbortSignal): AsyncIterable<ImportEvent>;
};

export type ImportOptions = Readonly<Partial<Record<Role, string | undefined>>> & {
  /** Name of a recipe, or path of a file with one. */
  readonly recipe: string;
  readonly storage: ImportJob['storage'];
  readonly out?: string | undefined;
  readonly yes?: boolean;
};

export async function runImport(
  options: ImportOptions,
  { importer, reporter, signal, ask }: { importer: Importer; reporter: Reporter; signal: AbortSignal; ask: Ask | null },
): Promise<ExitCode> {
  const recipe = await findRecipe(options.recipe, importer.recipes);
  const files = Object.fromEntries(
    ROLES.flatMap((role) => (options[role] === undefined ? [] : [[role, resolve(options[role])] as const])),
  );
  const useless = Object.keys(files).filter((role) => !rolesOf(recipe).includes(role as Role));
  if (useless.length > 0)
    throw new CommandError(
      EXIT.usage,
      `Recipe ${recipe.name} has no use for ${listOptions(useless)}; it takes ${listOptions(rolesOf(recipe))}.`,
    );
  if (recipe.agreement !== undefined && !options.yes) {
    await agree(recipe.name, recipe.agreement, { reporter, ask });
    signal.throwIfAborted();
  }
  const out = resolve(options.out ?? join(userPackFolder(), recipe.name));
  const output = await prepareOutput(dirname(out), 'The pack');
  try {
    for await (const event of importer.run({ recipe, files, out, storage: options.storage }, signal))
      switch (event.type) {
        case 'progress':
          reporter.progress(event, event);
          break;
        case 'done':
          reporter.result(event, event.folder);
          if (!reporter.json) reporter.note(event, `Pack ${event.id}, ${formatBytes(event.bytes)}.`);
          return EXIT.ok;
        default:
          event satisfies never;
      }
  } catch (error) {
    if (!isFull(error)) throw error;
    // A pack is gigabytes: half of one would only keep the disk full.
    const message = `The disk of "${dirname(out)}" is full. What the import had written was removed again; make room and run the same command once more.`;
    throw new StorageError(message, { cause: error });
  } finally {
    reporter.end();
    await output.tidy();
  }
  throw new Error('the importer stopped without saying "done"');
}

/** @throws CommandError where the person does not agree, or there is nobody to ask */
async function agree(
  name: string,
  agreement: string,
  { reporter, ask }: { reporter: Reporter; ask: Ask | null },
): Promise<void> {
  reporter.note({ type: 'agreement', recipe: name, text: agreement }, agreement);
  // A program that reads our records does not answer questions.
  if (!ask || reporter.json)
    throw new CommandError(EXIT.usage, `Nothing was imported: there is nobody to ask. Say --yes to agree.`);
  if (!isYes(await ask('Have you read them, and do you agree? [y/N] ')))
    throw new CommandError(EXIT.failed, 'Nothing was imported.');
}

async function findRecipe(wanted: string, recipes: readonly Recipe[]): Promise<Recipe> {
  const known = recipes.find(({ name }) => name === wanted);
  if (known) return known;
  if (!wanted.endsWith('.json'))
    throw new CommandError(
      EXIT.usage,
      `There is no recipe "${wanted}". There are ${recipes.map(({ name }) => name).join(', ')}; a file of your own ends in .json.`,
    );
  const refuse = (why: string, cause?: unknown) =>
    new CommandError(EXIT.usage, `"${wanted}" is not a recipe: ${why}.`, { cause });
  let value: unknown;
  try {
    value = JSON.parse((await readFile(wanted, 'utf8')).replace(/^\ufeff/, ''));
  } catch (cause) {
    throw refuse((cause as Error).message, cause);
  }
  const parsed = Recipe.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refuse(
    parsed.error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`)
      .join('; '),
  );
}

const rolesOf = ({ files, optional }: Recipe): Role[] =>
  ROLES.filter((role) => files[role] !== undefined || optional.includes(role));

const listOptions = (roles: readonly string[]) => roles.map((role) => `--${role}`).join(', ');

/** The recipes in a few lines for the help. */
export function describeRecipes(recipes: readonly Recipe[]): string {
  const describe = (recipe: Recipe) => {
    const files = rolesOf(recipe).map((role) => {
      const optional = recipe.optional.includes(role) ? ' (may be left out)' : '';
      return `    --${role.padEnd(8)} ${recipe.files[role] ?? 'one of your own'}${optional}`;
    });
    return [`  ${recipe.name}`, `    ${recipe.summary}`, ...files].join('\n');
  };
  return `\nRecipes:\n${recipes.map(describe).join('\n')}`;
}
