import type { Checkpoint } from './tensor.js';

export interface OpenOptions {
  /** Which weights to take when a torch file has both the trained ones and their moving average. Default `model`. */
  readonly prefer?: 'model' | 'ema';
}

export declare function openCheckpoint(path: string, options?: OpenOptions): Promise<Checkpoint>;
