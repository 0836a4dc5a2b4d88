/**
 * The published LlamaGen-B at its full shape, with random numbers in files of the published layout: imported by the
 * command in bounded memory, and drawn with.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { publishedVq } from '../../models/import/bench/sizes.js';
import type { LlamagenConfig } from '../../models/nets/llamagen/config.js';
import { studentTable } from '../../models/nets/llamagen/student.js';
import { teacherTable } from '../../models/nets/llamagen/teacher.js';
import { vqTable } from '../../models/nets/vq-tokenizer.js';
import { ROOT } from '../../scripts/paths.mjs';
import { startProgram } from '../support/checkout.js';
import { writeRandomCheckpoint } from '../support/random-packs.js';

const folder = mkdtempSync(join(tmpdir(), 'twostep-full-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CONFIG: LlamagenConfig = {
  width: 768,
  layers: 12,
  heads: 12,
  hidden: 2048,
  codes: 16_384,
  grid: { rows: 16, columns: 16 },
  condition: { kind: 'class', classes: 1000 },
  ropeBase: 10_000,
  normEpsilon: 1e-5,
};

/** Bytes: the bound of the importer, and the largest tensor, which is a code embedding. */
const MEMORY = 300e6 + 16_384 * 768 * 4;
/** What Node with this program takes before it reads anything; the bound is for what the reading adds. */
const PROGRAM = 120e6;

const files = {
  teacher: join(folder, 'c2i_B_256.safetensors'),
  student: join(folder, 'llamagen-B.safetensors'),
  vq: join(folder, 'vq_ds16_c2i.safetensors'),
};

beforeAll(async () => {
  await writeRandomCheckpoint(files.teacher, teacherTable(CONFIG), 1);
  await writeRandomCheckpoint(files.student, studentTable(CONFIG, 8), 2);
  const vq = publishedVq({ channels: 128, multipliers: [1, 1, 2, 2, 4], codes: CONFIG.codes });
  await writeRandomCheckpoint(files.vq, vqTable(vq), 3);
});

it('becomes a pack in bounded memory, and draws', async () => {
  const out = join(folder, 'pack');
  const command = join(ROOT, 'dist', 'twostep.js');
  const options = Object.entries(files).flatMap(([role, file]) => [`--${role}`, file]);
  const importing = startProgram(process.execPath, [command, 'import', 'llamagen-b', ...options, '--out', out], {
    cwd: folder,
  });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, peakMemory(importing.pid));
  }, 20);
  const imported = await importing.finished;
  clearInterval(watch);
  expect(imported.stderr + imported.stdout).toContain(out);
  expect(imported.code).toBe(0);
  // The system tells the peak on Linux only.
  if (process.platform === 'linux') {
    expect(peak).toBeGreaterThan(0);
    expect(peak - PROGRAM).toBeLessThan(MEMORY);
  }
  const weights = statSync(files.teacher).size + statSync(files.student).size;
  const written = readdirSync(out).reduce((sum, name) => sum + statSync(join(out, name)).size, 0);
  expect(written).toBeGreaterThan(weights);

  const args = ['generate', 'golden retriever', '--pack', out, '--seed', '1', '--out', folder];
  const drawn = await startProgram(process.execPath, [command, ...args], { cwd: folder }).finished;
  expect(drawn.stderr).toContain('Done');
  expect(statSync(join(folder, 'golden-retriever-1.png')).size).toBeGreaterThan(1000);
}, 600_000);

/** Bytes a process had at most. */
function peakMemory(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0; // Not Linux, or over already.
  }
}
