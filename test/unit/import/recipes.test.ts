import { describe, expect, it } from 'vitest';
import { randomCheckpoint } from '../../../models/import/random-checkpoint.js';
import { Recipe } from '../../../models/import/recipe.js';
import { RECIPES } from '../../../models/import/recipes.js';
import { inferLlamagen, type LlamagenConfig } from '../../../models/nets/llamagen/config.js';
import { buildStudent, studentTable } from '../../../models/nets/llamagen/student.js';
import { buildTeacher, teacherTable } from '../../../models/nets/llamagen/teacher.js';
import type { TensorTable } from '../../../models/nets/weights.js';
import { allInitializers } from '../../../models/onnx/serialize.js';

const count = (table: TensorTable) =>
  Object.values(table)
    .map((entry) => ('shape' in entry ? entry.shape : entry).reduce((size, length) => size * length, 1))
    .reduce((sum, size) => sum + size, 0);

/** The published configurations, from the recipes and LlamaGen's rule for the feed-forward. */
function configOf(recipe: Recipe): LlamagenConfig {
  const { width, layers, codes, textWidth } = recipe.expect!;
  return {
    width,
    layers,
    codes,
    heads: recipe.heads,
    hidden: Math.ceil(Math.trunc((8 * width) / 3) / 256) * 256,
    grid: recipe.grid,
    ropeBase: recipe.ropeBase,
    normEpsilon: recipe.normEpsilon,
    condition:
      textWidth === undefined
        ? { kind: 'class', classes: 1000 }
        : { kind: 'text', width: textWidth, hidden: width, tokens: 120 },
  };
}

describe('the recipes of the published weights', () => {
  it.each(RECIPES)('$name is valid, and its heads are 64 wide as all of LlamaGen', (recipe) => {
    expect(Recipe.parse(recipe)).toEqual(recipe);
    expect(recipe.expect!.width / recipe.heads).toBe(64);
    expect(recipe.student.times).toEqual([0, 80]);
  });

  it.each([
    // Parameters as the authors state them (LlamaGen README; METHOD 5 for the student), in millions.
    ['llamagen-t2i-xl', 'teacher', 775],
    ['llamagen-t2i-xl', 'student', 756],
    ['llamagen-b', 'teacher', 111],
    ['llamagen-l', 'teacher', 343],
    ['llamagen-b', 'student', 98.3],
    ['llamagen-l', 'student', 326],
  ] as const)('%s: the %s has its published number of parameters', (name, role, millions) => {
    const config = configOf(RECIPES.find((recipe) => recipe.name === name)!);
    const table = role === 'teacher' ? teacherTable(config) : studentTable(config, 8);
    expect(Math.abs(count(table) / 1e6 - millions)).toBeLessThan(millions * 0.02);
  });

  it.each(RECIPES)('$name at full shape becomes graphs whose weights are those of the checkpoint', (recipe) => {
    const config = configOf(recipe);
    const student = randomCheckpoint('student', studentTable(config, 8));
    const teacher = randomCheckpoint('teacher', teacherTable(config));
    for (const checkpoint of [student, teacher])
      expect(inferLlamagen(checkpoint, { heads: config.heads, grid: config.grid })).toMatchObject({
        width: config.width,
        layers: config.layers,
        hidden: config.hidden,
        codes: config.codes,
      });
    const codebook = { shape: [config.codes, 8], load: async () => new Float32Array(config.codes * 8) };
    const bytes = (graph: Parameters<typeof allInitializers>[0]) =>
      allInitializers(graph).reduce((sum, initializer) => sum + initializer.bytes, 0);
    // Nothing is stored twice, and what is added (codebook, rotary tables, constants) is small.
    const weights = 4 * count(studentTable(config, 8));
    const graph = bytes(buildStudent({ config, checkpoint: student, codebook, precision: 'float32' }));
    expect(graph).toBeGreaterThanOrEqual(weights);
    expect(graph).toBeLessThan(weights + 2e6);
    const teacherBytes = bytes(buildTeacher({ config, checkpoint: teacher, precision: 'float32' }));
    expect(teacherBytes).toBeGreaterThanOrEqual(4 * count(teacherTable(config)));
    expect(teacherBytes).toBeLessThan(4 * count(teacherTable(config)) + 2e6);
  });
});
