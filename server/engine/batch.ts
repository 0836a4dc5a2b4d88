/**
 * How many pictures of one request run as one batch. Only of one request: a request alone then says what its pictures are, to the
 * bit, also when it runs again after a crash. Prompts that wait together do not share a batch, since products round differently
 * with the number of their rows, and a picture would depend on who happened to wait beside it.
 */
import type { Provider } from './messages.js';

/**
 * On a processor a picture of four takes 0.9 to 1.0 of the time of one alone (README.md of server/ has the figures), and the first
 * of them comes four times later. A graphics card is mostly idle with one picture of a small model; that was not measured.
 */
export const BATCH_OF = { cuda: 4, webgpu: 4, dml: 4, coreml: 1, cpu: 1 } as const satisfies Record<Provider, number>;

/** OpenAI's API asks for ten at most; what is beyond only takes memory. */
export const MAXIMUM_BATCH = 16;
