/** For every other browser. */
import * as ort from 'onnxruntime-web/webgpu';
import { serve } from './serve.js';

serve(ort, { wasm: 'ort-asyncify.bin', glue: 'ort-asyncify.mjs' });
