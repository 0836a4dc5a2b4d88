/**
 * CUDA's part of ONNX Runtime. It is too large for the npm registry, so the package brings a script that fetches it from NuGet; we never run
 * that while installing (it fails where NuGet can't be reached), but when somebody with an NVIDIA card asks (`twostep cuda`).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What the script puts beside ONNX Runtime's own library; CUDA 12 and cuDNN 9 themselves come with the system. */
const LIBRARIES = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];

export const CUDA_HINT = '"npx twostep cuda" fetches them, about 300 MB';

export const cudaScript = (folder: string): string => join(folder, 'script', 'install.js');

/** Names of the libraries that are not there yet. */
export function missingCudaLibraries(folder: string): string[] {
  const place = join(folder, 'bin', 'napi-v6', 'linux', 'x64');
  return LIBRARIES.filter((name) => !existsSync(join(place, name)));
}
