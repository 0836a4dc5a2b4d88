/** Ends a download in which nothing comes any more: a connection can be open for ever without bringing a byte. */

export type IdleTimeout = {
  /** Of the caller, or because nothing came. */
  readonly signal: AbortSignal;
  /** From now on something must come. */
  listen(): void;
  /** Nothing is awaited at the moment. */
  rest(): void;
};

export function watchIdle(signal: AbortSignal, milliseconds: number): IdleTimeout {
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
