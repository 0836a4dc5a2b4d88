/**
 * What the rest of the project knows of somebody's checkpoint: named tensors that stay in their file until they are wanted.
 */

/** Element types that can be read as numbers. `bf16` is the upper half of an `f32`. */
export type ElementType = 'f64' | 'f32' | 'f16' | 'bf16' | 'i64' | 'i32' | 'i16' | 'i8' | 'u8' | 'bool';

/** Bytes of one element. */
export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
  f64: 8,
  f32: 4,
  f16: 2,
  bf16: 2,
  i64: 8,
  i32: 4,
  i16: 2,
  i8: 1,
  u8: 1,
  bool: 1,
};

/** A tensor in somebody's file, unread until asked. */
export interface Tensor {
  readonly name: string;
  readonly type: ElementType;
  /** Rows first; an empty shape is one number. */
  readonly shape: readonly number[];
  /**
   * The values in row-major order, as float32: f16 and bf16 exactly, f64 rounded, bool as 0 and 1, integers exactly.
   * Each call reads the file and returns a new array.
   *
   * @throws CheckpointError when the file ends early or was closed, when an integer is beyond ±2^24 (float32 would round it),
   * or when the tensor is larger than MAXIMUM_ELEMENTS.
   */
  readFloat32(): Promise<Float32Array>;
}

/** An open checkpoint. Its files stay open until `close`. */
export interface Checkpoint {
  /** The path that was opened, as given. */
  readonly file: string;
  /**
   * Tensors by the names the file gives them. Iteration lists those that can be read. A name whose value is not readable, since it is made
   * by an unknown Python global or has an element type that is not known, is not listed, but `get` throws a CheckpointError that
   * says so: it becomes an error only when it is wanted.
   */
  readonly tensors: ReadonlyMap<string, Tensor>;
  close(): Promise<void>;
}
