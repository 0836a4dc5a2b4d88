/** The Python that has the clients which are written in it: TWOSTEP_PYTHON, which `.ci/run` sets, or the machine's own. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PYTHON = process.env['TWOSTEP_PYTHON'] ?? 'python3';

/** Without asking for the package to run: some fetch things when they are imported. */
export async function hasPythonPackage(name: string): Promise<boolean> {
  const script = `import importlib.util, sys; sys.exit(importlib.util.find_spec('${name}') is None)`;
  return run(PYTHON, ['-c', script]).then(
    () => true,
    () => false,
  );
}

/** @returns what it printed */
export async function runPython(script: string, environment: Readonly<Record<string, string>>): Promise<string> {
  return (await run(PYTHON, ['-c', script], { env: { ...process.env, ...environment }, maxBuffer: 1e8 })).stdout;
}
