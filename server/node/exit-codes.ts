/** What the `twostep` command ends with; README.md and `twostep --help` list the same. */
import { ERROR_CODES, type ErrorCode } from '../../models/protocol.js';

export const EXIT = {
  ok: 0,
  /** An expected failure: a full disk, a checkpoint that is damaged, numbers that do not agree, an engine that gave up. */
  failed: 1,
  /** The command line or the request is at fault. */
  usage: 2,
  /** A pack is missing or damaged. */
  pack: 3,
  /** A fault of this program (sysexits.h calls it EX_SOFTWARE). */
  bug: 70,
  /** Ended by Ctrl-C, as shells report it. */
  cancelled: 130,
  /** Whoever read standard output went away, and work that was left was not done: what a shell reports of SIGPIPE. */
  closed: 141,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODE_HELP = `
Exit codes:
  0    done
  1    failed for a reason that is told in a sentence
  2    the command line or the request is at fault
  3    a pack is missing or damaged
  70   a fault of this program; TWOSTEP_DEBUG=1 shows where
  130  cancelled; pictures that were finished are kept
  141  the reader of standard output went away before all was done`;

/** What the person can do about an error decides the exit code. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  if (code === 'unknown-pack') return EXIT.pack;
  const remedy = ERROR_CODES[code];
  switch (remedy) {
    case 'fix':
      return EXIT.usage;
    case 'repair':
      return EXIT.pack;
    case 'retry':
      return EXIT.failed;
    case 'none':
      return EXIT.cancelled;
    default:
      return remedy satisfies never;
  }
}
