/**
 * What a pack may take of this machine while it draws. Its graphs may be a stranger's: made of operators that are allowed, they can
 * still compute for hours or fill the memory, and while they do the engine's process hears nothing. So the companion looks from
 * outside, and ends that process.
 */
import { readFileSync } from 'node:fs';
import type { Pack } from '../../models/pack.js';
import type { ErrorCode } from '../../models/protocol.js';
import { readPackFolder } from '../packs/folder.js';

export type RunLimits = {
  /** Bytes of memory of the engine's process. */
  readonly memory: number;
  /** Milliseconds without an event: a model call, or loading. */
  readonly silence: number;
  /** Milliseconds in which it has to stop once it was told to. */
  readonly grace: number;
};

export type Exceeded = { readonly code: ErrorCode; readonly message: string };

/**
 * While graphs are loaded their weights are in memory as bytes, as tensors and packed (RUNTIME.md). Beside that the starter takes 0.3 GB and
 * t2i-xl's decoder 0.5 GB, which grows with the picture: some 130 tensors of its size in float32.
 */
const MEMORY = { perByteOfPack: 3, perPixel: 4096, base: 1.5e9 } as const;
/**
 * A call of the starter takes a tenth of a second on two cores, one of t2i-xl some seconds, its 8 GB some two minutes to be read from a slow
 * disk; on a machine that does much else ten times as long.
 */
const SILENCE = { base: 60_000, bytesPerMillisecond: 10_000 } as const;
/** Ending the process means loading the pack again, so a large one is given longer. */
const GRACE = { base: 5_000, bytesPerMillisecond: 500_000 } as const;
/** Milliseconds between two looks; memory can grow by a gigabyte in the fifth part of a second. */
const LOOK = 200;

/** @param open bytes of the other packs that the process may have in memory */
export function limitsFor(pack: Pack | null, open: number): RunLimits {
  const bytes = pack?.files.reduce((sum, { size }) => sum + size, 0) ?? 0;
  const { width, height } = pack?.size ?? { width: 0, height: 0 };
  return {
    memory: MEMORY.base + MEMORY.perByteOfPack * (bytes + open) + MEMORY.perPixel * width * height,
    silence: SILENCE.base + bytes / SILENCE.bytesPerMillisecond,
    grace: GRACE.base + bytes / GRACE.bytesPerMillisecond,
  };
}

/** @param folders of the pack, and then of those that are open beside it. One that is gone is told by whoever opens it. */
export async function limitsOfFolders(folders: readonly string[]): Promise<RunLimits> {
  const [pack, ...open] = await Promise.all(
    folders.map((one) =>
      readPackFolder(one).then(
        (found) => found.pack,
        () => null,
      ),
    ),
  );
  const bytes = open.flatMap((one) => one?.files ?? []).reduce((sum, { size }) => sum + size, 0);
  return limitsFor(pack ?? null, bytes);
}

export type RunWatch = {
  /** Something came of it. */
  heard(): void;
  /** It was told to stop. */
  cancelled(): void;
  stop(): void;
};

/**
 * Counts its own looks, not the time: a lid that was closed is not the pack's fault.
 *
 * @param memoryOf bytes of the process; undefined where that can't be told
 * @param onExceeded told once
 */
export function watchRun(
  limits: RunLimits,
  memoryOf: () => number | undefined,
  onExceeded: (how: Exceeded) => void,
): RunWatch {
  let silent = 0;
  let stopping: number | undefined;
  const timer = setInterval(() => {
    silent += LOOK;
    if (stopping !== undefined) stopping += LOOK;
    const memory = memoryOf() ?? 0;
    if (memory > limits.memory)
      return exceed(
        'out-of-memory',
        `It took ${gigabytes(memory)} of memory, more than the ${gigabytes(limits.memory)} that a pack of its size may take, and was ended.`,
      );
    if (stopping !== undefined && stopping > limits.grace)
      return exceed('cancelled', 'Cancelled. It did not stop by itself and was ended.');
    if (silent > limits.silence)
      exceed('engine-failed', `It computed for ${seconds(limits.silence)} s without a result, and was ended.`);
  }, LOOK).unref();

  function exceed(code: ErrorCode, message: string): void {
    clearInterval(timer);
    onExceeded({ code, message });
  }

  return {
    heard: () => {
      silent = 0;
    },
    cancelled: () => {
      stopping ??= 0;
    },
    stop: () => clearInterval(timer),
  };
}

/** Bytes that a process has in memory, where the system tells (Linux). */
export function memoryOfProcess(pid: number | undefined): number | undefined {
  if (pid === undefined || process.platform !== 'linux') return undefined;
  try {
    const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined; // It has just ended.
  }
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
const seconds = (milliseconds: number) => Math.round(milliseconds / 1000);
