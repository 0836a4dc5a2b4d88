/** How much memory this process takes, in bytes. */
import { readFileSync, writeFileSync } from 'node:fs';

/** Resident now. */
export const residentBytes = (): number => process.memoryUsage().rss;

/** Forgets the peak, where the system can (Linux); elsewhere `peakBytes` is that of the whole process. */
export function forgetPeak(): void {
  try {
    // "5" resets the peak resident set size (proc_pid_clear_refs(5)).
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not allowed.
  }
}

export function peakBytes(pid: number | 'self' = 'self'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    // `maxRSS` is in kilobytes everywhere.
    return pid === 'self' ? process.resourceUsage().maxRSS * 1024 : 0;
  }
}
