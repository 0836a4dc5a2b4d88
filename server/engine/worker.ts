/** Entry of the engine's process. */
import { startBeating } from './heartbeat.js';
import { loadOnnxRuntime } from './onnxruntime.js';
import { serveEngine } from './serve.js';
import { createTrials } from './trials.js';

// ONNX Runtime reports home unless this is set before it is loaded.
process.env['ORT_DISABLE_TELEMETRY'] = '1';

if (!process.send) throw new Error('the engine is started by the companion, which it speaks to');
const send = process.send.bind(process);
startBeating();

// Ctrl-C reaches both of us; the companion says when it is over, and then closes the line. It may also just be gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
const trials = createTrials();
process.on('disconnect', () => {
  trials.abandon();
  process.exit();
});

serveEngine(
  {
    say: (message) => void send(message, undefined, undefined, () => {}),
    hear: (listener) => void process.on('message', (message) => listener(message as Parameters<typeof listener>[0])),
  },
  await loadOnnxRuntime(),
  trials,
);
