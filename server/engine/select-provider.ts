/**
 * Which provider computes: the fastest that this system may have, tried from the top, and taken only when it gives a known
 * answer. ONNX Runtime never falls back by itself (RUNTIME 4), and wrong numbers come without an error (RUNTIME 3).
 */
import type { ProviderReport } from '../../models/api.js';
import { GenerateError } from '../../models/protocol.js';
import type { SelfTest } from '../../models/run/self-test.js';
import type { Provider } from './messages.js';

export type System = {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly nvidia: boolean;
  /** Whether there is anything for WebGPU on Linux; without, the driver loader complains on the terminal. */
  readonly vulkan: boolean;
};

/** RUNTIME, "Providers in the npm package". */
export function providersOf({ platform, arch, nvidia, vulkan }: System): Provider[] {
  if (platform === 'linux' && arch === 'x64')
    return [...(nvidia ? (['cuda'] as const) : []), ...(vulkan ? (['webgpu'] as const) : []), 'cpu'];
  if (platform === 'win32') return ['webgpu', 'dml', 'cpu'];
  if (platform === 'darwin' && arch === 'arm64') return ['webgpu', 'cpu'];
  return ['cpu'];
}

/** What is kept of a try, so that a driver that takes the whole process down is met only once. */
export type Trials = {
  /** Whether an earlier process ended while it tried this provider. */
  died(provider: Provider): Promise<boolean>;
  begin(provider: Provider): Promise<void>;
  end(provider: Provider): Promise<void>;
};

export type Selection = { readonly provider: Provider | null; readonly ladder: readonly ProviderReport[] };

export async function selectProvider(
  providers: readonly Provider[],
  test: (provider: Provider) => Promise<SelfTest>,
  trials: Trials,
): Promise<Selection> {
  const ladder: ProviderReport[] = [];
  let chosen: Provider | null = null;
  for (const provider of providers) {
    if (chosen !== null) {
      ladder.push({ provider, outcome: 'not-tried', reason: `${chosen} does`, error: null });
      continue;
    }
    const report = await attempt(provider, test, trials);
    ladder.push(report);
    if (report.outcome === 'chosen') chosen = provider;
  }
  return { provider: chosen, ladder };
}

async function attempt(
  provider: Provider,
  test: (provider: Provider) => Promise<SelfTest>,
  trials: Trials,
): Promise<ProviderReport> {
  if (await trials.died(provider))
    return {
      provider,
      outcome: 'unavailable',
      reason: 'the program died when it was last tried, less than a week ago',
      error: null,
    };
  await trials.begin(provider);
  try {
    const { passed, error, finding } = await test(provider);
    return {
      provider,
      outcome: passed ? 'chosen' : 'wrong',
      reason: finding,
      error: Number.isFinite(error) ? error : null,
    };
  } catch (error) {
    if (!(error instanceof GenerateError)) throw error;
    return { provider, outcome: 'unavailable', reason: firstLine(error.message), error: null };
  } finally {
    await trials.end(provider);
  }
}

/** ONNX Runtime's messages can be pages long. */
const firstLine = (text: string) => text.split('\n', 1)[0]?.slice(0, 300) ?? '';
