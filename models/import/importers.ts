/** The importer of each family, by the name that recipes have for it. */
import type { Importer } from './importer.js';
import { importLlamagen } from './llamagen/importer.js';
import type { Recipe } from './recipe.js';
import { importSwitti } from './switti/importer.js';
import { importVar } from './var/importer.js';

const IMPORTERS: { readonly [F in Recipe['family']]: Importer<Extract<Recipe, { family: F }>> } = {
  llamagen: importLlamagen,
  switti: importSwitti,
  var: importVar,
};

/** The table says that the recipe of a family goes to its own importer, which the compiler does not see. */
export const importerOf = ({ family }: Recipe): Importer<Recipe> => IMPORTERS[family] as Importer<Recipe>;
