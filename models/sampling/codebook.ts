/**
 * The codes whose vectors lie nearest to latents [positions, channels], as the authors quantise before the teacher goes on.
 *
 * @param codebook [codes, channels]
 */
export function nearestCodes(codebook: Float32Array, latents: Float32Array, channels: number): number[] {
  const codes: number[] = [];
  for (let from = 0; from < latents.length; from += channels) {
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let row = 0; row < codebook.length; row += channels) {
      let distance = 0;
      for (let channel = 0; channel < channels; channel++) {
        const difference = (codebook[row + channel] as number) - (latents[from + channel] as number);
        distance += difference * difference;
      }
      if (distance < least) {
        least = distance;
        nearest = row / channels;
      }
    }
    codes.push(nearest);
  }
  return codes;
}
