/** The importer of each family, by the name that recipes have for it. */
import type { Importer } from './importer.js';
import { importLlamagen } from './llamagen/importer.js';
import type { Recipe } from './recipe.js';

export const IMPORTERS: Readonly<Record<Recipe['family'], Importer>> = { llamagen: importLlamagen };
