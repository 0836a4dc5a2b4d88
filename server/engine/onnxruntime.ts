/** ONNX Runtime for Node: npm's package in a checkout; beside the bundle in what we publish (scripts/runtime-files.mjs says why). */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OrtModule } from '../../models/run/runtime.js';

const BESIDE = new URL('./onnxruntime-node/dist/index.js', import.meta.url);

/** Only where it is needed: it is 45 MB. `ORT_DISABLE_TELEMETRY` must be set before, or it reports home. */
export async function loadOnnxRuntime(): Promise<OrtModule & Pick<typeof import('onnxruntime-node'), 'env'>> {
  return existsSync(BESIDE) ? await import(BESIDE.href) : await import('onnxruntime-node');
}

/** Root of its package. */
export function runtimeFolder(): string {
  const entry = existsSync(BESIDE) ? fileURLToPath(BESIDE) : createRequire(import.meta.url).resolve('onnxruntime-node');
  return dirname(dirname(entry));
}
