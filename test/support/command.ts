/** Runs the `twostep` command in this process, with everything around it made of memory. */

import type { Pack } from '../../models/pack.js';
import { type Engine, GenerateError } from '../../models/protocol.js';
import { type Actions, runProgram } from '../../server/cli/program.js';
import type { ServiceDependencies } from '../../server/cli/service.js';
import { modelOfPack } from '../../server/drawing/drawing-model.js';
import type { Sink } from '../../server/node/reporter.js';
import { readPicture } from '../../server/pictures/decode.js';
import { tracePng } from '../../server/vector/trace.js';
import { describePack } from './packs.js';

export type CommandRun = {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as `--json` writes it. */
  records(): Record<string, unknown>[];
};

export type CommandOptions = Partial<Actions> & {
  readonly engine?: Engine;
  readonly pack?: Pack;
  readonly signal?: AbortSignal;
  readonly environment?: Readonly<Record<string, string>>;
  readonly terminal?: boolean;
  /** What the person answers to each question; nobody is there when it is left out. */
  readonly ask?: (question: string) => Promise<string>;
  readonly service?: Omit<ServiceDependencies, 'environment'>;
  /** Standard input. */
  readonly input?: string;
  /** Told of every text on stdout, as it comes. */
  readonly onOutput?: (text: string) => void;
};

export async function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<CommandRun> {
  const { engine, pack, signal, environment, terminal, ask, input, onOutput, service, ...actions } = options;
  const stdout = createSink(terminal, onOutput);
  const stderr = createSink(terminal);
  const unused = (): never => {
    throw new Error('this test said nothing of this verb');
  };
  const exitCode = await runProgram(
    args,
    {
      importer: { recipes: [], run: unused },
      parity: unused,
      serve: unused,
      work: unused,
      mcp: unused,
      bench: { quick: unused, full: unused },
      convert: unused,
      randomSeed: () => 4711,
      trace: tracePng,
      // As the process that decodes tells its failures.
      readPicture: (bytes) =>
        readPicture(bytes).catch((error: Error) => {
          throw new GenerateError('invalid-request', `The picture to start from can not be read: ${error.message}.`);
        }),
      openLocalEngine: async () => ({
        model: modelOfPack(pack ?? describePack()),
        engine: engine ?? unused,
        close: async () => {},
      }),
      ...actions,
    },
    {
      version: '1.2.3',
      stdout,
      stderr,
      environment: environment ?? {},
      service: service ?? { manager: null, program: ['/usr/bin/node', '/opt/twostep/dist/twostep.js'] },
      signal: signal ?? new AbortController().signal,
      ask: ask ?? null,
      readInput: async () => input ?? unused(),
    },
  );
  const text = stdout.text();
  return {
    exitCode,
    stdout: text,
    stderr: stderr.text(),
    records: () => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)])),
  };
}

function createSink(terminal = false, onText?: (text: string) => void): Sink & { text(): string } {
  const parts: string[] = [];
  return {
    isTTY: terminal,
    columns: 100,
    write(text) {
      parts.push(text);
      onText?.(text);
    },
    text: () => parts.join(''),
  };
}
