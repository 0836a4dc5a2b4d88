/** One calm line for each stage of the setup, on stderr: stdout belongs to the command that follows. */

/** A pipe or a log gets a sign of life this often; a terminal is rewritten every second. Milliseconds. */
const HEARTBEAT = { terminal: 1000, log: 15_000 };

/**
 * Shows `title` and the seconds it has taken until `work` ends.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @param {NodeJS.WriteStream} [stream]
 * @returns {Promise<T>}
 */
export async function stage(title, work, stream = process.stderr) {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const terminal = Boolean(stream.isTTY);
  const show = () => stream.write(terminal ? `\r\x1b[K${title} ... ${seconds()}` : `${title} ... ${seconds()}\n`);
  if (terminal) show();
  else stream.write(`${title} ...\n`);
  const timer = setInterval(show, terminal ? HEARTBEAT.terminal : HEARTBEAT.log);
  /** @param {string} end */
  const close = (end) => {
    clearInterval(timer);
    stream.write(`${terminal ? '\r\x1b[K' : ''}${title} ... ${end} ${seconds()}\n`);
  };
  try {
    const result = await work();
    close('done in');
    return result;
  } catch (error) {
    close('failed after');
    throw error;
  }
}
