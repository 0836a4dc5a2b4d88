/** @param id of a process of this machine, as a file of ours has it */
export function isAlive(id: number): boolean {
  // 0 and below stand for groups of processes.
  if (!Number.isSafeInteger(id) || id <= 0) return false;
  try {
    return process.kill(id, 0);
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
