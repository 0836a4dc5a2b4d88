import { describe, expect, it } from 'vitest';
import { randomCheckpoint } from '../../../models/import/random-checkpoint.js';
import { type LlamagenRecipe, Recipe, type VarRecipe } from '../../../models/import/recipe.js';
import { RECIPES } from '../../../models/import/recipes.js';
import { inferLlamagen, type LlamagenConfig } from '../../../models/nets/llamagen/config.js';
import { buildStudent, studentTable } from '../../../models/nets/llamagen/student.js';
import { buildTeacher, teacherTable } from '../../../models/nets/llamagen/teacher.js';
import {
  inferVar,
  type VarConfig,
  studentTable as varStudentTable,
  teacherTable as varTeacherTable,
} from '../../../models/nets/var/config.js';
import { buildVarStudent } from '../../../models/nets/var/student.js';
import { buildVarTeacher } from '../../../models/nets/var/teacher.js';
import type { TensorTable } from '../../../models/nets/weights.js';
import type { Graph } from '../../../models/onnx/graph.js';
import { allInitializers } from '../../../models/onnx/serialize.js';
import { countTokens } from '../../../models/sampling/scales.js';

const count = (table: TensorTable) =>
  Object.values(table)
    .map((entry) => ('shape' in entry ? entry.shape : entry).reduce((size, length) => size * length, 1))
    .reduce((sum, size) => sum + size, 0);

const LLAMAGEN = RECIPES.filter((recipe): recipe is LlamagenRecipe => recipe.family === 'llamagen');
const VAR = RECIPES.filter((recipe): recipe is VarRecipe => recipe.family === 'var');

/** The published configurations, from the recipes and LlamaGen's rule for the feed-forward. */
function configOf(recipe: LlamagenRecipe): LlamagenConfig {
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

describe('the recipes of LlamaGen', () => {
  it.each(LLAMAGEN)('$name is valid, and its heads are 64 wide as all of LlamaGen', (recipe) => {
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
    const config = configOf(LLAMAGEN.find((recipe) => recipe.name === name)!);
    const table = role === 'teacher' ? teacherTable(config) : studentTable(config, 8);
    expect(Math.abs(count(table) / 1e6 - millions)).toBeLessThan(millions * 0.02);
  });

  it.each(LLAMAGEN)('$name at full shape becomes graphs whose weights are those of the checkpoint', (recipe) => {
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

describe('the recipes of VAR', () => {
  const sizesOf = ({ expect: sizes, scales }: VarRecipe): VarConfig => {
    const { width, layers, codes } = sizes!;
    return {
      scales,
      width,
      layers,
      heads: layers,
      hidden: 4 * width,
      codes,
      channels: 32,
      classes: 1000,
      isNormed: true,
    };
  };

  it('names the files as they are published', () => {
    expect(VAR.map(({ files }) => Object.values(files).join(' '))).toEqual([
      'var_d16.pth var-d16.pth vae_ch160v4096z32.pth',
      'var_d20.pth var-d20.pth vae_ch160v4096z32.pth',
      'var_d24.pth var-d24.pth vae_ch160v4096z32.pth',
      'var_d30.pth vae_ch160v4096z32.pth',
    ]);
  });

  it.each(VAR)('$name is valid: 680 tokens, heads of 64, and steps that keep so many scales', (recipe) => {
    expect(Recipe.parse(recipe)).toEqual(recipe);
    expect(countTokens(recipe.scales)).toBe(680);
    expect(recipe.expect!.width).toBe(64 * recipe.expect!.layers);
    const kept = { 'var-d16': [0, 5], 'var-d20': [0, 4], 'var-d24': [0, 4], 'var-d30': undefined }[recipe.name];
    expect(recipe.student?.times).toEqual(kept);
    expect(recipe.student?.split).toBe(kept?.[1]);
  });

  it.each([
    // Parameters of the published files, in millions (METHOD 8).
    ['var-d16', 310, 328],
    ['var-d20', 601, 635],
    ['var-d24', 1033, 1092],
    ['var-d30', 2010, null],
  ] as const)('%s at full shape becomes graphs whose weights are those of the checkpoint', (name, teacher, student) => {
    const config = sizesOf(VAR.find((recipe) => recipe.name === name)!);
    const bytes = (...graphs: Graph[]) =>
      graphs.flatMap(allInitializers).reduce((sum, initializer) => sum + initializer.bytes, 0);
    const checkpoint = randomCheckpoint('teacher', varTeacherTable(config));
    expect(inferVar(checkpoint, config)).toEqual(config);
    expect(Math.round(count(varTeacherTable(config)) / 1e6)).toBe(teacher);
    const graphs = buildVarTeacher({ config, checkpoint, precision: 'float32' });
    expect(Math.abs(bytes(graphs.teacher, graphs.condition) - 4 * count(varTeacherTable(config)))).toBeLessThan(2e6);
    if (student === null) return;
    expect(Math.round(count(varStudentTable(config)) / 1e6)).toBe(student);
    const book = { shape: [4096, 32], load: async () => new Float32Array(4096 * 32) };
    const own = randomCheckpoint('student', varStudentTable(config));
    const made = buildVarStudent({ config, checkpoint: own, codebook: book, precision: 'float32' });
    // A matrix for each layer is multiplied out to two rows.
    const marks = 4 * (config.layers + 1) * config.width ** 2;
    expect(Math.abs(bytes(made.student, made.condition) - 4 * count(varStudentTable(config)) + marks)).toBeLessThan(
      2e6,
    );
  });
});
