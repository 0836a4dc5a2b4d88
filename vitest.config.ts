import { defineConfig } from 'vitest/config';

// ONNX Runtime reads this when it is loaded; the test processes inherit it.
process.env['ORT_DISABLE_TELEMETRY'] = '1';

/** One project a kind of test: `npm test -- --project unit` runs one of them. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000 } },
      // Some hundreds of files in `npm test`; `npm run fuzz` sets TWOSTEP_FUZZ_FILES to 10000.
      { test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], testTimeout: 1_800_000 } },
      { test: { name: 'parity', include: ['test/parity/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000 } },
      {
        // The panel in a real Chromium; without one these say so and skip.
        test: {
          name: 'panel',
          include: ['test/panel/**/*.test.ts'],
          // A browser on a busy machine takes its time; what is waited for is the same.
          expect: { poll: { timeout: 15_000 } },
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      // Skipped without TWOSTEP_BENCH=1: numbers are worth something only on a machine that does nothing else.
      { test: { name: 'bench', include: ['test/bench/**/*.test.ts'], testTimeout: 4_000_000 } },
      {
        // Whole programs: installs, builds, child processes. One file at a time, or they would wait for each other's disk.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
