/** For browsers whose WebAssembly can wait for promises: the smaller runtime. */
import * as ort from 'onnxruntime-web/jspi';
import { serve } from './serve.js';

serve(ort, { wasm: 'ort-jspi.bin', glue: 'ort-jspi.mjs' });
