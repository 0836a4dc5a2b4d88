/** How much of a picture its tracing reproduces. */

/** Two colours this near are the same to somebody who does not lay them side by side. OKLab; a just noticeable difference is about 0.02. */
const SAME = 0.06;

/** @returns share of the pixels whose colour is reproduced, 0..1. Both [pixels, 3] in OKLab. */
export function measureFidelity(wanted: Float32Array, got: Float32Array): number {
  let same = 0;
  for (let at = 0; at < wanted.length; at += 3) {
    const difference = Math.hypot(
      (wanted[at] as number) - (got[at] as number),
      (wanted[at + 1] as number) - (got[at + 1] as number),
      (wanted[at + 2] as number) - (got[at + 2] as number),
    );
    if (difference <= SAME) same += 1;
  }
  return same / (wanted.length / 3);
}
