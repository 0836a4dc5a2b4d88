/** What a person can do about a checkpoint that was refused: give another path, fetch the file again, or convert it. */
export type CheckpointFault = 'missing' | 'damaged' | 'unsupported';

/** The longest piece of somebody's file that is repeated in a message. Real tensor names stay below 150 characters. */
const MAXIMUM_QUOTE = 160;

/** A file that can't be read as a checkpoint. The message is a sentence that names the file, the fault and what to do. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';

  constructor(
    /** The file with the fault; of a sharded checkpoint, the shard. */
    readonly file: string,
    readonly fault: CheckpointFault,
    sentence: string,
  ) {
    super(`${file}: ${sentence}`);
  }
}

/** Makes the errors of one file. */
export interface Refusal {
  /** The bytes contradict themselves or the format: fetch the file again. */
  damaged(sentence: string): CheckpointError;
  /** The file may be sound, but is of a kind that is not read. */
  unsupported(sentence: string): CheckpointError;
}

export function refusalOf(file: string): Refusal {
  return {
    damaged: (sentence) => new CheckpointError(file, 'damaged', sentence),
    unsupported: (sentence) => new CheckpointError(file, 'unsupported', sentence),
  };
}

/** Text out of somebody's file, fit for a message: in quotes, control characters escaped, cut when long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > MAXIMUM_QUOTE ? `${text.slice(0, MAXIMUM_QUOTE)}…` : text);
}
