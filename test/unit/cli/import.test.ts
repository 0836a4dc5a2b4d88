/** What a recipe asks the person to agree to before anything is imported. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ImportJob } from '../../../models/import/import-pack.js';
import { RECIPES } from '../../../models/import/recipes.js';
import { runImport } from '../../../server/cli/import.js';
import { createReporter } from '../../../server/node/reporter.js';

async function run(recipe: string, answer: string | null, yes = false) {
  const said: string[] = [];
  const jobs: ImportJob[] = [];
  const sink = { write: (text: string) => said.push(text) };
  const importer = {
    recipes: RECIPES,
    run: async function* (job: ImportJob) {
      jobs.push(job);
      yield { type: 'done', id: job.recipe.name, folder: job.out, bytes: 1 } as const;
    },
  };
  const out = join(mkdtempSync(join(tmpdir(), 'twostep-import-')), 'pack');
  const context = {
    importer,
    reporter: createReporter({ json: false, stdout: sink, stderr: sink }),
    signal: new AbortController().signal,
    ask: answer === null ? null : async () => answer,
  };
  const code = await runImport({ recipe, out, storage: 'half', yes }, context).catch((error: Error) => error.message);
  return { code, jobs, said: said.join('') };
}

describe('an import of weights whose licence nobody here can tell', () => {
  it.each([
    [null, false, 'Nothing was imported: there is nobody to ask. Say --yes to agree.', 0],
    ['no', false, 'Nothing was imported.', 0],
    ['yes', false, 0, 1],
    [null, true, 0, 1],
  ])('answered %s, with --yes %s', async (answer, yes, code, jobs) => {
    const result = await run('switti', answer, yes);
    expect(result.code).toBe(code);
    expect(result.jobs.length).toBe(jobs);
    if (!yes) expect(result.said).toContain('The licence of its weights stands on their page');
  });

  it('asks nothing of the others', async () => {
    expect((await run('var-d16', null)).code).toBe(0);
  });
});
