/** Which region each pixel belongs to. */
export type Labels = {
  /** [height, width], 0..count-1 */
  readonly of: Int32Array;
  readonly count: number;
};
