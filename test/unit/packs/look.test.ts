import { describe, expect, it } from 'vitest';
import { look, PALETTE } from '../../support/look.js';

const SIDE = 96;
const rgbOf = (name: string) => [0, 2, 4].map((at) => Number.parseInt(PALETTE[name]!.slice(at, at + 2), 16));

/** A picture with `inside` deciding what is drawn at u, v in 0..1, blurred by nothing, noisy a little. */
function paint(ground: string, inside: (u: number, v: number) => string | null): Uint8Array {
  const rgb = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++)
      rgbOf(inside((x + 0.5) / SIDE, (y + 0.5) / SIDE) ?? ground).forEach((value, channel) => {
        const noise = ((x * 7 + y * 13 + channel * 5) % 9) - 4;
        rgb[(y * SIDE + x) * 3 + channel] = Math.max(0, Math.min(255, value + noise));
      });
  return rgb;
}

const square = (u: number, v: number, x: number, y: number, r: number) => Math.abs(u - x) < r && Math.abs(v - y) < r;
const disc = (u: number, v: number, x: number, y: number, r: number) => (u - x) ** 2 + (v - y) ** 2 < r * r;

describe('the eye of the tests', () => {
  it('sees every colour of the palette on every ground that differs', () => {
    let right = 0;
    let asked = 0;
    for (const ground of Object.keys(PALETTE))
      for (const colour of Object.keys(PALETTE)) {
        if (ground === colour) continue;
        const seen = look(
          paint(ground, (u, v) => (disc(u, v, 0.3, 0.6, 0.15) ? colour : null)),
          SIDE,
          SIDE,
        );
        asked++;
        right += Number(seen.ground === ground && seen.things.length === 1 && seen.things[0]?.colour === colour);
      }
    expect(right / asked).toBeGreaterThanOrEqual(0.99);
  });

  it('tells places, numbers and how full a thing is', () => {
    const rgb = paint('white', (u, v) =>
      square(u, v, 0.25, 0.25, 0.12)
        ? 'red'
        : disc(u, v, 0.75, 0.25, 0.12)
          ? 'blue'
          : v > 0.6 && v < 0.85 && Math.abs(u - 0.5) < (v - 0.6) * 0.6
            ? 'green'
            : null,
    );
    const { things, ground } = look(rgb, SIDE, SIDE);
    expect(ground).toBe('white');
    expect(things.map(({ colour }) => colour)).toEqual(['red', 'green', 'blue']);
    const [box, triangle, circle] = things;
    expect(box?.fill).toBeCloseTo(1, 1);
    expect(circle?.fill).toBeCloseTo(Math.PI / 4, 1);
    expect(triangle?.fill).toBeCloseTo(0.5, 1);
    expect(box?.y).toBeCloseTo(0.25, 1);
    expect(triangle?.y).toBeCloseTo(0.73, 1);
  });

  it('has no ground where there is none', () => {
    expect(
      look(
        paint('white', (u) => (Math.floor(u * 8) % 2 ? 'blue' : null)),
        SIDE,
        SIDE,
      ),
    ).toMatchObject({
      ground: null,
      things: [],
      colours: ['white', 'blue'],
    });
  });
});
