/**
 * Guidance by scale (SWITTI 1.6): it grows with the scale, begins and ends where the model's settings say, and is nothing at the first, whatever
 * they say. Logits are (1 + t) prompt - t nothing.
 */
import type { SwittiSampling } from './part.js';

export type Guidance = Pick<SwittiSampling, 'guidance' | 'guided'>;

/** t of a scale; null where guidance has not begun, or has ended. */
export function guidanceAt({ guidance, guided }: Guidance, scale: number, scales: number): number | null {
  if (scale < guided.from || scale >= guided.until) return null;
  return scales > 1 ? (guidance * scale) / (scales - 1) : 0;
}

/**
 * Whether the rows without a prompt run at a scale. Where scales see those before them, so do these rows, and they have to be there from the
 * first scale on.
 */
export function runsNothing(how: Guidance, scale: number, scales: number, isAutoregressive: boolean): boolean {
  if (isAutoregressive) return how.guidance > 0 && scale < Math.min(how.guided.until, scales);
  return (guidanceAt(how, scale, scales) ?? 0) > 0;
}
