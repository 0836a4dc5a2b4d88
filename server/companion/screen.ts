/** What the person sees once the companion is ready. */
import type { Pack } from '../../models/pack.js';
import type { EngineState } from '../engine/host.js';
import { manifestPath } from './pages.js';

export type Screen = {
  readonly version: string;
  readonly port: number;
  readonly code: string;
  /** Null when there is none on this machine. */
  readonly pack: Pack | null;
  /** Why it could not draw, in a sentence; null when it could. */
  readonly failure: string | null;
  /** A better pack, and why it could not draw. */
  readonly aside: { readonly pack: Pack; readonly failure: string } | null;
  readonly engine: EngineState;
  /** Jobs of before that run again. */
  readonly restored: number;
  /** Whether the usual port was taken. */
  readonly spare: boolean;
};

const DEVICES: Readonly<Record<string, string>> = {
  cpu: 'the processor',
  webgpu: 'the graphics card (WebGPU)',
  cuda: 'the NVIDIA card (CUDA)',
  dml: 'the graphics card (DirectML)',
  coreml: 'Core ML',
};

export function describeScreen(screen: Screen): string {
  const { version, port, code, pack, failure, aside, engine, restored, spare } = screen;
  const manifest = manifestPath();
  const rows: [string, string][] = [
    ['Open', `http://localhost:${port}/#pair=${code}`],
    ['Pairing code', `${code}   for the panel in Figma, once`],
    ['Pack', pack ? nameOf(pack) : 'none yet: "twostep import" or "twostep pull" brings one'],
    ...(failure ? [['Trouble', failure] as [string, string]] : []),
    ...(aside ? [['Trouble', `${nameOf(aside.pack)} can not draw: ${aside.failure}`] as [string, string]] : []),
    ['Device', describeDevice(engine)],
    ...(manifest
      ? [['In Figma', `Plugins > Development > Import plugin from manifest: ${manifest}`] as [string, string]]
      : []),
    ['Other programs', `http://localhost:${port}/v1 speaks OpenAI's Images API; "twostep token create" makes a key`],
    ['Stop', 'Ctrl-C; what is not finished goes on at the next start'],
    ...(spare ? [['Note', 'the usual port is taken, so this is a spare; the panel finds it'] as [string, string]] : []),
    ...(restored > 0 ? [['Note', `${restored} unfinished from last time, drawn now`] as [string, string]] : []),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    `\nTwostep ${version} ${failure || engine.state === 'failed' || !pack ? 'is there, but can not draw yet' : 'is ready'}.\n`,
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`),
    '',
  ].join('\n');
}

const nameOf = ({ name, id }: Pack) => `${name} (${id})`;

function describeDevice(engine: EngineState): string {
  switch (engine.state) {
    case 'ready': {
      const refused = engine.ladder
        .filter(({ outcome }) => outcome === 'wrong')
        .map(({ provider, reason }) => `${provider} refused: ${reason}`);
      return [DEVICES[engine.provider] ?? engine.provider, ...refused].join('; ');
    }
    case 'failed':
      return `none: ${engine.reason}`;
    case 'starting':
      return 'starting';
    default:
      return engine satisfies never;
  }
}
