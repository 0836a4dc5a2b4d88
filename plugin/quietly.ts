/**
 * Does what an editor may lack or forbid, and goes on without it: FigJam and Slides have a part of the API only, and in a file that
 * can only be read nothing may change. What the person has to know is told where the picture itself is placed.
 */
export function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // See above.
  }
}
