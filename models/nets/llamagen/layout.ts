/**
 * Image rows that are told a layout map (models/train/twostep_train/layout.py, LayoutEmbedding): what stands at the position that each of
 * them predicts. Tables of what every field says by itself, and products of two: what a drawing shows in one of its cells is no sum.
 */
import type { Checkpoint } from '../../checkpoint/tensor.js';
import { FLOW_STUDENT, LAYOUT_FIELDS } from '../../graphs.js';
import type { Graph, Value } from '../../onnx/graph.js';
import { add, mul } from '../../onnx/ops/arithmetic.js';
import { gather } from '../../onnx/ops/arrange.js';
import { linear } from '../../onnx/ops/linear.js';
import { lookUp, storeOfTable } from '../../onnx/ops/look-up.js';
import { readLength, type TensorTable } from '../weights.js';
import { NETWORK } from './config.js';
import type { TrunkOptions } from './trunk.js';

/** The tables, and the one whose length says how many rows others have. */
const TABLES = {
  thing: 'thing_embeddings',
  cell: 'cell_embeddings',
  colour: 'colour_embeddings',
  detail: 'detail_embeddings',
  ground: 'ground_embeddings',
  direction: 'direction_embeddings',
  light: 'light_embeddings',
  place: 'place_embeddings',
} as const;
const GROUND_COLOURS = ['ground colour 1', 'ground colour 2', 'ground colour 3', 'ground colour 4'] as const;

const nameOf = (part: string) => `layout.${part}.weight`;
const groundColour = (place: number) => nameOf(`ground_colour_embeddings.${place}`);

/** How many numbers each field has, and the width of a detail. */
export type LayoutSizes = Readonly<Record<keyof typeof TABLES | 'detailWidth', number>>;

/** Sizes of the tables of a checkpoint; undefined where its rows are told no layout. */
export function layoutIn(checkpoint: Checkpoint): LayoutSizes | undefined {
  if (!checkpoint.tensors.has(nameOf(TABLES.thing))) return undefined;
  const rows = (name: keyof typeof TABLES) => readLength(checkpoint, NETWORK, [[nameOf(TABLES[name]), 0]]);
  return {
    thing: rows('thing'),
    cell: rows('cell'),
    colour: rows('colour'),
    detail: rows('detail'),
    ground: rows('ground'),
    direction: rows('direction'),
    light: rows('light'),
    place: rows('place'),
    detailWidth: readLength(checkpoint, NETWORK, [[nameOf(TABLES.detail), 1]]),
  };
}

export function layoutTable(width: number, sizes: LayoutSizes): TensorTable {
  const table: Record<string, readonly number[]> = {};
  for (const [field, name] of Object.entries(TABLES) as [keyof typeof TABLES, string][])
    table[nameOf(name)] = [sizes[field], field === 'detail' ? sizes.detailWidth : width];
  for (const field of ['thing', 'cell', 'ground', 'place'] as const)
    table[nameOf(`${field}_factor_embeddings`)] = [sizes[field], 2 * width];
  for (const place of GROUND_COLOURS.keys()) table[groundColour(place)] = [sizes.colour, width];
  return {
    ...table,
    [nameOf('detail')]: [width, sizes.detailWidth],
    [nameOf('product')]: [width, 2 * width],
    [nameOf('scenery')]: [width, 2 * width],
    [nameOf('behind')]: [width, width],
  };
}

/** Declares the input `layout` and embeds it, -> [S, width]: the same for all pictures of a call. */
export function embedLayout(graph: Graph, { weight, precision }: TrunkOptions): Value {
  const map = graph.input(FLOW_STUDENT.inputs.layout, 'int64', ['S', LAYOUT_FIELDS.length]);
  const field = (name: (typeof LAYOUT_FIELDS)[number]) =>
    gather(map, graph.constant('int64', [], [LAYOUT_FIELDS.indexOf(name)]), 1);
  const row = (name: string, of: Value) => lookUp(of, name, weight(name), storeOfTable(precision));
  const product = (x: Value, part: string) => linear(x, nameOf(part), weight(nameOf(part)), { store: precision });
  const factors = (one: string, of: Value, other: string, at: Value) =>
    mul(row(nameOf(`${one}_factor_embeddings`), of), row(nameOf(`${other}_factor_embeddings`), at));
  const sum = (...values: readonly Value[]) => values.reduce((before, value) => add(before, value));

  const thing = (of: Value, cell: Value, detail: Value, colour: Value) =>
    sum(
      row(nameOf(TABLES.thing), of),
      row(nameOf(TABLES.cell), cell),
      row(nameOf(TABLES.colour), colour),
      product(factors('thing', of, 'cell', cell), 'product'),
      product(row(nameOf(TABLES.detail), detail), 'detail'),
    );
  const [ground, place] = [field('ground'), field('place')];
  return sum(
    thing(field('thing'), field('cell'), field('detail'), field('colour')),
    product(thing(field('behind'), field('behind cell'), field('behind detail'), field('behind colour')), 'behind'),
    row(nameOf(TABLES.ground), ground),
    row(nameOf(TABLES.direction), field('direction')),
    row(nameOf(TABLES.light), field('light')),
    row(nameOf(TABLES.place), place),
    product(factors('ground', ground, 'place', place), 'scenery'),
    ...GROUND_COLOURS.map((name, at) => row(groundColour(at), field(name))),
  );
}
