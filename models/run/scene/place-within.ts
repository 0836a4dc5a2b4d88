/** A scene's things where a person wants them: in the region that is to change, or where something stood before. */
import type { Sizes } from './layout.js';
import type { Box, Scene, SceneThing } from './scene.js';

/** Tokens. */
export type Region = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

/**
 * The same scene with its things within the region: together they are scaled and moved. Only sides that things were trained in are taken, the
 * largest that the region has room for: a drawing leaves a fifth of its box free.
 */
export function placeWithin(scene: Scene, region: Region, sizes: Sizes, grid: number): Scene {
  const { things } = scene;
  if (things.length === 0) return scene;
  const left = Math.min(...things.map((thing) => thing.left));
  const top = Math.min(...things.map((thing) => thing.top));
  const right = Math.max(...things.map((thing) => thing.left + thing.side));
  const bottom = Math.max(...things.map((thing) => thing.top + thing.side));
  const scale = Math.min(region.width / (right - left), region.height / (bottom - top));
  const place = (thing: SceneThing): SceneThing => {
    const side = sideFor(thing.side * scale, sizes);
    const along = (start: number, from: number, to: number, room: number, first: number) => {
      const middle = first + room / 2 + (start + thing.side / 2 - (from + to) / 2) * scale;
      return Math.min(grid - side, Math.max(0, Math.round(middle - side / 2)));
    };
    const box: Box = {
      side,
      left: along(thing.left, left, right, region.width, region.left),
      top: along(thing.top, top, bottom, region.height, region.top),
    };
    return { ...thing, ...box };
  };
  return { ...scene, things: things.map(place) };
}

function sideFor(side: number, sizes: Sizes): number {
  const known = [sizes.small, sizes.medium, sizes.large].sort((a, b) => a - b);
  return known.filter((one) => one <= side * 1.25).at(-1) ?? (known[0] as number);
}
