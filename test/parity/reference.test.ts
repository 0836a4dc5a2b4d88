/** Every array of the reference folders, recomputed. Those in the repository always; the others where they are at hand. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../models/import/parity/compare.js';
import { readNpy } from '../../models/import/parity/npy.js';
import { runParity } from '../../models/import/parity/parity.js';
import { createRuntime } from '../../models/run/runtime.js';
import { temporaryFolder } from '../support/random-packs.js';
import { loadRuntime } from '../support/run-graph.js';

const REPOSITORY = new URL('../reference/', import.meta.url).pathname;
const ELSEWHERE = process.env['TWOSTEP_REFERENCE'] ?? new URL('../../../shared/reference/', import.meta.url).pathname;

/** Arrays that are taken as given. */
const INPUTS = new Set([
  ...['vq.codes', 'vq.encode.image', 'c2i.class', 't2i.text', 't2i.mask', 'dd.noise'],
  ...['codes', 'class', 'crop.input', 'smooth.gumbel'],
]);

async function run(folder: string, out: string): Promise<Comparison[]> {
  const runtime = createRuntime(await loadRuntime(), { logSeverityLevel: 3 });
  const comparisons: Comparison[] = [];
  for await (const comparison of runParity(folder, out, runtime)) comparisons.push(comparison);
  return comparisons;
}

const larger = existsSync(ELSEWHERE)
  ? readdirSync(ELSEWHERE).filter(
      (name) => /^(llamagen|t5|var|switti)-/.test(name) && !existsSync(join(REPOSITORY, name)),
    )
  : [];

describe.each([
  ...['llamagen-a', 't5-a', 'llamagen-text', 'var-a'].map((name) => join(REPOSITORY, name)),
  ...larger.map((name) => join(ELSEWHERE, name)),
])('%s', (folder) => {
  it('agrees in every output', async () => {
    const out = temporaryFolder();
    const comparisons = await run(folder, out);
    expect(comparisons.filter(({ agrees }) => !agrees)).toEqual([]);
    const outputs = readdirSync(folder)
      .flatMap((file) => (file.endsWith('.npy') ? [file.slice(0, -4)] : []))
      .filter((name) => !INPUTS.has(name));
    expect(outputs.length).toBeGreaterThan(0);
    for (const name of outputs) {
      expect(comparisons.find((comparison) => comparison.name === name)?.absolute, name).not.toBeNull();
      expect(readNpy(join(out, `${name}.npy`)).shape, name).toEqual(readNpy(join(folder, `${name}.npy`)).shape);
    }
    if (existsSync(join(folder, 'clean.json'))) {
      const captions = JSON.parse(readFileSync(join(folder, 'clean.json'), 'utf8')) as unknown[];
      const cleaned = comparisons.find(({ name }) => name === 'clean.json');
      expect(cleaned?.note).toContain(`${captions.length} of ${captions.length}`);
    }
  });
});
