/** The command among other programs of a shell, from dist/: case E9. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { COMMAND } from '../support/serve.js';

const folder = mkdtempSync(join(tmpdir(), 'twostep-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** In bash, since a pipe that closes is the shell's; `codes` of all parts of the pipe. */
function bash(line: string) {
  const { stdout, stderr } = spawnSync('bash', ['-c', `${line}; printf '\\n%s' "\${PIPESTATUS[*]}" >&2`], {
    cwd: folder,
    env: {
      ...process.env,
      TWOSTEP_DATA: join(folder, 'data'),
      TWOSTEP_PACKS: join(folder, 'packs'),
      NODE: process.execPath,
      COMMAND,
    },
    encoding: 'utf8',
  });
  const lines = stderr.split('\n');
  return { stdout, stderr: lines.slice(0, -1).join('\n'), codes: lines.at(-1)?.split(' ').map(Number) };
}

describe('E9', () => {
  it('a reader that goes away ends what is under way, and the exit code says that images are missing', () => {
    const run = bash('"$NODE" "$COMMAND" generate "a red star" --seed 1 --count 8 --out many | head -n 1');
    expect(run.stdout).toBe(`${join('many', 'a-red-star-1.png')}\n`);
    expect(run.codes).toEqual([141, 0]);
    expect(readdirSync(join(folder, 'many')).length).toBeLessThan(8);
    expect(run.stderr).not.toContain('    at ');
  });

  it('a list whose reader goes away is no fault', () => {
    const run = bash('"$NODE" "$COMMAND" pack list | true');
    expect([run.codes, run.stderr]).toEqual([[0, 0], '']);
  });

  it('a prompt comes through a pipe', () => {
    const run = bash('echo "a red star" | "$NODE" "$COMMAND" generate - --seed 1 --out piped');
    expect(run.codes).toEqual([0, 0]);
    expect(existsSync(join(folder, 'piped', 'a-red-star-1.png'))).toBe(true);
  });
});
