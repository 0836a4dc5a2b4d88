/** Layers in pixels of another size. */
import type { Layer, Outline, Point, Shape, Vectors } from './vectors.js';

/** All layers, where the picture has that size. */
export function scaleLayers({ width, height, layers }: Vectors, toWidth: number, toHeight: number): Layer[] {
  return layers.map((layer) => scaleLayer(layer, toWidth / width, toHeight / height));
}

/** @param right, down by what lengths in x and in y are multiplied */
export function scaleLayer(layer: Layer, right: number, down: number): Layer {
  const at = ([x, y]: Point): Point => [x * right, y * down];
  const { x, y, width, height } = layer.box;
  return {
    name: layer.name,
    fill:
      layer.fill.kind === 'solid' ? layer.fill : { ...layer.fill, from: at(layer.fill.from), to: at(layer.fill.to) },
    shape: scaleShape(layer.shape, at, right, down),
    box: { x: x * right, y: y * down, width: width * right, height: height * down },
  };
}

function scaleShape(shape: Shape, at: (point: Point) => Point, right: number, down: number): Shape {
  switch (shape.kind) {
    case 'rectangle': {
      const [x, y] = at([shape.x, shape.y]);
      return { kind: 'rectangle', x, y, width: shape.width * right, height: shape.height * down };
    }
    case 'ellipse':
      // Sides are rounded to whole pixels, so the two scales differ by less than a pixel over the whole picture.
      return { ...shape, centre: at(shape.centre), radii: [shape.radii[0] * right, shape.radii[1] * right] };
    case 'path':
      return {
        kind: 'path',
        outlines: shape.outlines.map(
          ({ from, segments }): Outline => ({
            from: at(from),
            segments: segments.map((segment) =>
              segment.kind === 'line'
                ? { kind: 'line', to: at(segment.to) }
                : { kind: 'curve', out: at(segment.out), into: at(segment.into), to: at(segment.to) },
            ),
          }),
        ),
      };
    default:
      return shape satisfies never;
  }
}
