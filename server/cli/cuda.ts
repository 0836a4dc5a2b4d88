/** `twostep cuda`: fetches what ONNX Runtime needs for NVIDIA cards, with the script that it brings itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { cudaScript, missingCudaLibraries } from '../engine/cuda.js';
import { runtimeFolder } from '../engine/onnxruntime.js';
import { CommandError } from '../node/errors.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import type { Reporter } from '../node/reporter.js';

export type CudaPlace = { readonly platform: string; readonly arch: string; readonly folder: string };

const here = (): CudaPlace => ({ platform: process.platform, arch: process.arch, folder: runtimeFolder() });

export async function runCuda(
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
  { platform, arch, folder }: CudaPlace = here(),
): Promise<ExitCode> {
  if (platform !== 'linux' || arch !== 'x64')
    throw new CommandError(
      EXIT.usage,
      `ONNX Runtime has CUDA for Linux on x64 only, and this is ${platform} on ${arch}. WebGPU uses the card here, and needs nothing more.`,
    );
  if (missingCudaLibraries(folder).length > 0) await fetchLibraries(folder, reporter, signal);
  const missing = missingCudaLibraries(folder);
  if (missing.length > 0)
    throw new CommandError(
      EXIT.failed,
      `The script of ONNX Runtime ended well, but ${missing.join(' and ')} did not come.`,
    );
  reporter.result(
    { type: 'cuda', folder },
    'CUDA\'s libraries are there. CUDA 12 and cuDNN 9 have to be installed as well. The companion tries them at its next start; "npx twostep serve --provider cuda" says what it finds.',
  );
  return EXIT.ok;
}

async function fetchLibraries(folder: string, reporter: Reporter, signal: AbortSignal): Promise<void> {
  reporter.note({ type: 'cuda-fetch' }, 'Fetching about 300 MB from NuGet ...');
  const child = spawn(process.execPath, [cudaScript(folder)], {
    cwd: folder,
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'cuda12' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  // What went wrong stands before the stack; else the last line.
  let fault = '';
  let last = '';
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      if (/error/i.test(line)) fault ||= line.trim();
      if (/\S/.test(line)) last = line.trim();
      reporter.note({ type: 'cuda-line', line }, `  ${line}`);
    });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return;
  throw new CommandError(
    EXIT.failed,
    `ONNX Runtime's script could not fetch them (exit code ${code}): ${fault || last || 'it said nothing'}. It needs api.nuget.org; nothing that worked before has changed.`,
  );
}
