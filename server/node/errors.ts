/** Errors become one sentence and an exit code. Only a fault of this program has a stack worth showing. */
import { GenerateError } from '../../models/protocol.js';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.js';

/** An expected failure of the command itself. The message is a sentence for the person. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Errors of other rooms whose message is already a sentence that names the file and the fault. */
const TOLD_BY_NAME = new Set([
  'CheckpointError',
  'ImportError',
  'NetworkError',
  'ParityError',
  'SettingsError',
  'StorageError',
]);

/** What the operating system can refuse, in words. */
const SYSTEM_FAULTS: Readonly<Record<string, string>> = {
  EACCES: 'permission was refused',
  EPERM: 'permission was refused',
  EROFS: 'the disk can only be read',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'this is a folder',
  EEXIST: 'it is there already',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  EBUSY: 'another program is using it',
  EFBIG: 'files may not become so large there',
  EIO: 'the disk reported an error',
};

export type Failure = { readonly code: string; readonly message: string; readonly exitCode: ExitCode };

/** @param debug show the stack of a fault of this program */
export function describeFailure(error: unknown, debug: boolean): Failure {
  if (error instanceof CommandError) return { code: 'failed', message: error.message, exitCode: error.exitCode };
  if (error instanceof GenerateError)
    return { code: error.code, message: error.message, exitCode: exitCodeOf(error.code) };
  if (!(error instanceof Error)) return unexpected(String(error), undefined, debug);
  if (TOLD_BY_NAME.has(error.name)) return { code: 'failed', message: error.message, exitCode: EXIT.failed };
  const { code, path } = error as NodeJS.ErrnoException;
  const fault = code === undefined ? undefined : SYSTEM_FAULTS[code];
  if (fault !== undefined && path !== undefined)
    return { code: 'failed', message: `${path}: ${fault}.`, exitCode: EXIT.failed };
  // Of a write Node does not say where it was.
  if (fault !== undefined) return { code: 'failed', message: `Failed, since ${fault}.`, exitCode: EXIT.failed };
  return unexpected(error.message, error.stack, debug);
}

function unexpected(message: string, stack: string | undefined, debug: boolean): Failure {
  const hint = debug ? `\n${stack ?? ''}` : ' Run it again with TWOSTEP_DEBUG=1 to see where.';
  return { code: 'bug', message: `This is a fault of Twostep: ${message}.${hint}`, exitCode: EXIT.bug };
}
