/** The trainer writes vocabulary.json beside its tokenizer, and the importer takes it along. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { importPack } from '../../../models/import/import-pack.js';
import { EMBEDDED_PACK } from '../../../scripts/embed.mjs';
import { inRoot } from '../../../scripts/paths.mjs';
import { readPackFolder, verifyPack } from '../../../server/packs/folder.js';
import { readVocabulary } from '../../../server/packs/vocabulary.js';
import { TEXT_RECIPE, temporaryFolder, writeTextSources } from '../../support/random-packs.js';
import { STARTER } from '../vocabulary/starter-vocabulary.js';

async function importWith(vocabulary: string): Promise<string> {
  const folder = temporaryFolder();
  const files = await writeTextSources(folder);
  const text = join(folder, 'text');
  cpSync(files.text, text, { recursive: true });
  writeFileSync(join(text, 'vocabulary.json'), vocabulary);
  const out = join(folder, 'pack');
  const job = { recipe: TEXT_RECIPE, files: { ...files, text }, out, storage: 'exact' } as const;
  for await (const _ of importPack(job, new AbortController().signal));
  return out;
}

it('becomes a file of the pack', async () => {
  const found = await readPackFolder(await importWith(readFileSync(inRoot(EMBEDDED_PACK, 'vocabulary.json'), 'utf8')));
  expect(found.pack.vocabulary).toBe('vocabulary.json');
  await verifyPack(found, { again: true });
  expect(await readVocabulary(found)).toEqual(STARTER);
  expect(found.pack.provenance.sources.map(({ file }) => file)).toContain('text/vocabulary.json');
});

it('is refused where it is none', async () => {
  await expect(importWith('{"version":1,"languages":["de"]}')).rejects.toThrow(/vocabulary\.json" can not be used/);
});
