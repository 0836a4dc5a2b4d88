/** A question to the person at the terminal. */
import { createInterface } from 'node:readline';
import type { Sink } from '../node/reporter.js';

/** Asks the person at the terminal; '' when there is no answer. */
export type Ask = (question: string) => Promise<string>;

export const isYes = (answer: string): boolean => /^y(es)?$/i.test(answer.trim());

/**
 * The terminal stays as it is, so that Ctrl-C is still the signal that the program heeds.
 *
 * @returns a line without its end; '' when the input or the signal ends first
 */
export async function askTerminal(
  input: NodeJS.ReadableStream,
  output: Sink,
  question: string,
  signal: AbortSignal,
): Promise<string> {
  output.write(question);
  const lines = createInterface({ input, terminal: false });
  const stop = () => lines.close();
  const answer = new Promise<string>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(''));
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await answer;
  } finally {
    signal.removeEventListener('abort', stop);
    lines.close();
  }
}
