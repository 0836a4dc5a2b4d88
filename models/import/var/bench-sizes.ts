/** The next-scale sizes of the bench: the published smallest, and one for trying the way. */
import type { VarConfig } from '../../nets/var/config.js';
import { VarRecipe } from '../recipe.js';
import { RECIPES } from '../recipes.js';
import type { VarBenchSize } from './bench.js';

function published(depth: number): VarBenchSize {
  const recipe = VarRecipe.parse(RECIPES.find(({ name }) => name === `var-d${depth}`));
  return { recipe, transformer: configOf(recipe, { width: 64 * depth, layers: depth, heads: depth }), channels: 160 };
}

function tiny(): VarBenchSize {
  const { expect: _, ...recipe } = published(16).recipe;
  return { recipe, transformer: configOf(recipe, { width: 64, layers: 2, heads: 2 }), channels: 32 };
}

const configOf = (
  { scales }: Pick<VarRecipe, 'scales'>,
  { width, layers, heads }: Pick<VarConfig, 'width' | 'layers' | 'heads'>,
): VarConfig => ({
  ...{ scales, width, layers, heads, hidden: 4 * width },
  ...{ codes: 4096, channels: 32, classes: 1000, isNormed: true },
});

export const VAR_BENCH_SIZES = { 'var-tiny': tiny, 'var-d16': () => published(16) } as const satisfies Record<
  string,
  () => VarBenchSize
>;

export type VarBenchName = keyof typeof VAR_BENCH_SIZES;

export const isVarBench = (size: string): size is VarBenchName => Object.hasOwn(VAR_BENCH_SIZES, size);
