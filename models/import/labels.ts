/** Names of classes: ImageNet's, or those of the recipe. */

import imagenet from './labels/imagenet.json' with { type: 'json' };
import { ImportError, type Recipe } from './recipe.js';

/**
 * @param classes how many the checkpoint has
 * @returns a name list for each class, the first name shown
 */
export function labelsOf(recipe: Recipe, classes: number): readonly (readonly string[])[] {
  if (!('condition' in recipe) || recipe.condition.kind !== 'class')
    throw new RangeError(`recipe ${recipe.name} has no classes`);
  const { labels } = recipe.condition;
  const names: readonly (readonly string[])[] = labels === 'imagenet' ? imagenet : labels;
  if (names.length !== classes)
    throw new ImportError(
      `The checkpoint knows ${classes} classes, but recipe ${recipe.name} has names for ${names.length}. A recipe file of your own can list them.`,
    );
  return names;
}
