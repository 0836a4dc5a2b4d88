/** How much is taken on. */
export const JOB_LIMITS = {
  /** Requests that wait, of everyone: at 100 ms each the last one waits for half a minute. */
  waiting: 256,
  /** Of one token, so that the others find a place: a contact sheet asked for picture by picture. */
  waitingPerToken: 128,
  /** So many of a token are taken on even where the others have filled everything: two sets of four. */
  waitingReserved: 8,
  /** Milliseconds that a client has to come back before its job is cancelled. */
  grace: 1500,
  /** A job that was begun so often and never ended takes the program down. */
  attempts: 5,
} as const;
export type JobLimits = { readonly [Key in keyof typeof JOB_LIMITS]: number };

/** The queue is full. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
  constructor(/** Seconds until there is probably a place. */ readonly retryAfter: number) {
    super(`Too many requests are waiting. Try again in ${retryAfter} s.`);
  }
}
