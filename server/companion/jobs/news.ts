import type { LoggedEvent, StoredJob } from './store.js';

/** What happens to jobs, for the metrics and the log. `waited`: milliseconds until its run began. */
export type JobNews =
  | { readonly type: 'accepted' | 'joined' | 'refused' | 'restored' }
  | { readonly type: 'finished'; readonly job: StoredJob; readonly last: LoggedEvent; readonly waited: number }
  | { readonly type: 'fault'; readonly message: string };
