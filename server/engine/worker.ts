/** Entry of the worker thread. */
import { parentPort } from 'node:worker_threads';
import { serveEngine } from './serve.js';
import { createTrials } from './trials.js';

// ONNX Runtime reports home unless this is set before it is loaded.
process.env['ORT_DISABLE_TELEMETRY'] = '1';

if (!parentPort) throw new Error('the engine runs in a worker thread');
serveEngine(parentPort, await import('onnxruntime-node'), createTrials());
