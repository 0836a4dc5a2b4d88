/**
 * Milliseconds of this process's processor time that `work` takes. For bounds that tell linear from quadratic: on a machine that others use too, a
 * clock on the wall runs while this process waits.
 */
export function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
