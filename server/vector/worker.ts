/** Entry of the thread that traces: a picture takes a tenth of a second and more, and the companion's own thread must answer others meanwhile. */
import { parentPort } from 'node:worker_threads';
import type { FromTracer, ToTracer } from './messages.js';
import { tracePng } from './trace.js';

const port = parentPort;
if (!port) throw new Error('tracing runs in a worker thread');

port.on('message', ({ id, png }: ToTracer) => {
  const say = (message: FromTracer) => port.postMessage(message);
  tracePng(png).then(
    (traced) => say({ id, traced }),
    (error: unknown) => say({ id, fault: error instanceof Error ? error.message : String(error) }),
  );
});
