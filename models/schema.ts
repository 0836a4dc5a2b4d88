/**
 * Short forms of the schemas that contracts are made of. Contracts use zod's mini build, whose checks are functions: a page carries only
 * those that it uses (46 kB for the panel, where the build with methods brings 102 kB, with a writer of JSON schemas that no page needs).
 */

import { en } from 'zod/locales';
import * as z from 'zod/mini';

// Messages go to people. The build with methods does the same when it is loaded.
z.config(en());

/** A whole number, both bounds included. */
export const integer = (least: number, most: number) => z.int().check(z.minimum(least), z.maximum(most));

/** A text of so many UTF-16 units, both bounds included. */
export const text = (least: number, most: number) => z.string().check(...lengths(least, most));

/** A list of so many items, both bounds included. */
export const list = <Item extends z.core.$ZodType>(item: Item, least: number, most: number) =>
  z.array(item).check(...lengths(least, most));

/** A schema that reads what `prepare` makes of the raw value. */
export const prepared = <Schema extends z.core.$ZodType>(
  prepare: (raw: unknown, context: z.core.ParsePayload) => unknown,
  schema: Schema,
) => z.pipe(z.transform(prepare), schema as Schema & z.core.$ZodType<z.output<Schema>, unknown>);

/** Nothing is shorter than 0, which the API's description need not say. */
const lengths = (least: number, most: number) => [...(least > 0 ? [z.minLength(least)] : []), z.maxLength(most)];
