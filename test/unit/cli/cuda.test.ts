import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCuda } from '../../../server/cli/cuda.js';
import { cudaScript, missingCudaLibraries } from '../../../server/engine/cuda.js';
import { runtimeFolder } from '../../../server/engine/onnxruntime.js';
import { createReporter } from '../../../server/node/reporter.js';

/** A package whose script does what `script` says. */
function fakePackage(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'twostep-cuda-'));
  mkdirSync(join(folder, 'script'), { recursive: true });
  mkdirSync(join(folder, 'bin', 'napi-v6', 'linux', 'x64'), { recursive: true });
  writeFileSync(cudaScript(folder), script);
  return folder;
}

async function run(folder: string, platform = 'linux', arch = 'x64') {
  let text = '';
  const sink = {
    write: (part: string) => {
      text += part;
      return true;
    },
  };
  const reporter = createReporter({ json: false, stdout: sink, stderr: sink });
  const outcome = runCuda({ reporter, signal: new AbortController().signal }, { platform, arch, folder });
  return { text: () => text, outcome };
}

const WRITES = `
  const { writeFileSync } = require('node:fs');
  if (process.env.ONNXRUNTIME_NODE_INSTALL !== 'cuda12') throw new Error('not asked for CUDA');
  for (const name of ['shared', 'cuda', 'tensorrt']) writeFileSync('bin/napi-v6/linux/x64/libonnxruntime_providers_' + name + '.so', '');
  console.log('Downloading half of the world');`;

describe('twostep cuda', () => {
  it("runs ONNX Runtime's own script, shows what it says, and not again when all is there", async () => {
    const folder = fakePackage(WRITES);
    expect(missingCudaLibraries(folder)).toHaveLength(2);
    const first = await run(folder);
    expect(await first.outcome).toBe(0);
    expect(first.text()).toContain('Downloading half of the world');
    writeFileSync(cudaScript(folder), 'process.exit(9)');
    expect(await (await run(folder)).outcome).toBe(0);
  });

  it.each([
    [
      'fails',
      'console.error("Error: HTTP status code = 404\\n    at here\\n\\nNode.js v20"); process.exit(3)',
      /exit code 3.*404.*api\.nuget\.org/,
    ],
    ['brings nothing', '', /libonnxruntime_providers_shared\.so and libonnxruntime_providers_cuda\.so did not come/],
  ])('says so when the script %s', async (_, script, message) => {
    const folder = fakePackage(script);
    await expect((await run(folder)).outcome).rejects.toThrow(message);
    expect(readdirSync(join(folder, 'bin', 'napi-v6', 'linux', 'x64'))).toEqual([]);
  });

  it('has nothing for other systems', async () => {
    await expect((await run('/nowhere', 'darwin', 'arm64')).outcome).rejects.toThrow(
      /Linux on x64 only.*darwin on arm64/,
    );
  });

  it('knows where the package is that the server uses', () => {
    expect(readdirSync(runtimeFolder())).toContain('script');
  });
});
