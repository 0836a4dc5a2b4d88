/** Ends a download in which nothing comes any more: a connection can be open for ever without bringing a byte. */

export type Silence = {
  /** Of the caller, or because of the silence. */
  readonly signal: AbortSignal;
  /** From now on something must come. */
  listen(): void;
  /** Nothing is awaited at the moment. */
  rest(): void;
};

export function watchSilence(signal: AbortSignal, milliseconds: number): Silence {
  const quiet = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: AbortSignal.any([signal, quiet.signal]),
    listen() {
      clearTimeout(timer);
      timer = setTimeout(() => quiet.abort(new Error(`nothing came for ${milliseconds / 1000} s`)), milliseconds);
    },
    rest: () => clearTimeout(timer),
  };
}
