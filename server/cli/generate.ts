/** `twostep generate`: a request goes to an engine, and what comes back is shown and written down. */
import type { Engine, GenerateEvent, GenerateRequest } from '../../models/protocol.js';
import { describeRequest, PHASE_WORDS } from '../../models/request/describe.js';
import { fileStemOf } from '../../models/request/file-name.js';
import { wordsFor } from '../../models/wildcards.js';
import type { DrawingModel } from '../drawing/drawing-model.js';
import { CommandError } from '../node/errors.js';
import { EXIT, type ExitCode, exitCodeOf } from '../node/exit-codes.js';
import { prepareOutput } from '../node/output-folder.js';
import { formatDuration } from '../node/progress-line.js';
import type { Reporter } from '../node/reporter.js';
import type { ReadPicture } from '../pictures/decoder.js';
import { readSource, type Source } from '../pictures/source.js';
import type { Trace, Traced } from '../vector/trace.js';
import { type PictureFormat, readInputFile, writePicture } from './picture-files.js';
import { type RequestOptions, readRequestOptions } from './request.js';

export type GenerateOptions = RequestOptions & {
  /** Folder or id of a pack; else the one of the picture in `like`; else the best at hand. */
  readonly pack?: string | undefined;
  /** The request of a picture that is to be made again. */
  readonly like?: GenerateRequest | undefined;
  /** Files to start from. */
  readonly image?: string | undefined;
  readonly mask?: string | undefined;
  readonly strength?: number | undefined;
  /** Width divided by height, to which the picture is extended. */
  readonly extend?: number | undefined;
  /** Folder for the pictures. */
  readonly out: string;
  readonly format: PictureFormat;
};

/** A model that is ready to draw. */
export type LocalEngine = { readonly model: DrawingModel; readonly engine: Engine; close(): Promise<void> };

export type GenerateDependencies = {
  /** @param wanted folder or id; undefined asks for the best at hand */
  openLocalEngine(wanted: string | undefined, reporter: Reporter): Promise<LocalEngine>;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  randomSeed(): number;
  /** Standard input to its end. */
  readInput(): Promise<string>;
  readonly trace: Trace;
  /** Decodes a file in a process of its own. */
  readonly readPicture: ReadPicture;
};

/** Runs a request to its end. Pictures that were finished before a failure or Ctrl-C are kept. */
export async function runGenerate(options: GenerateOptions, dependencies: GenerateDependencies): Promise<ExitCode> {
  const { reporter, signal } = dependencies;
  const output = await prepareOutput(options.out, 'The pictures');
  let local: LocalEngine | undefined;
  try {
    local = await dependencies.openLocalEngine(options.pack ?? options.like?.pack, reporter);
    // Read only now: a process that begins anew (engine/memory.ts) leaves it to the next.
    const prompt = options.prompt === '-' ? await readPrompt(dependencies) : options.prompt;
    const source = await readSourceFiles(options, dependencies);
    const request = readRequestOptions(
      { ...options, prompt, source },
      local.model,
      options.like ?? null,
      dependencies.randomSeed,
    );
    reporter.note({ type: 'request', request }, describeRequest(request));
    for await (const event of local.engine(request, signal)) {
      const end = await handle(event, request, options, dependencies);
      if (end !== null) return end;
    }
    throw new Error('the engine stopped without saying "done" or "error"');
  } finally {
    reporter.end();
    await local?.close();
    await output.tidy();
  }
}

/** The picture that `--image` names, as a request carries it. */
async function readSourceFiles(
  { image, mask, strength, extend, size, like }: GenerateOptions,
  { readPicture, reporter, signal }: GenerateDependencies,
): Promise<Source | undefined> {
  if (image === undefined) {
    const [lone] = Object.entries({ mask, extend }).find(([, value]) => value !== undefined) ?? [];
    if (lone !== undefined)
      throw new CommandError(EXIT.usage, `--${lone} changes a picture: say which with --image FILE.`);
    if (strength !== undefined && !like?.edit)
      throw new CommandError(EXIT.usage, '--strength says how much of a picture changes: say which with --image FILE.');
    return undefined;
  }
  const files = { image: await readInputFile(image), mask: mask === undefined ? null : await readInputFile(mask) };
  const source = await readSource(files, { strength, size, aspect: extend }, readPicture, signal);
  for (const remark of source.remarks) reporter.note({ type: 'note', message: remark }, `Note: ${remark}`);
  return source;
}

async function readPrompt({ readInput }: GenerateDependencies): Promise<string> {
  const text = (await readInput()).trim();
  if (text === '') throw new CommandError(EXIT.usage, 'Standard input, which "-" stands for, holds no prompt.');
  return text;
}

/** @returns the exit code after the last event, else null */
async function handle(
  event: GenerateEvent,
  request: GenerateRequest,
  { out, format }: GenerateOptions,
  { reporter, trace }: GenerateDependencies,
): Promise<ExitCode | null> {
  switch (event.type) {
    case 'progress': {
      const { phase, fraction, remaining, total } = event;
      const place = total > 1 ? ` ${Math.min(event.done + 1, total)} of ${total}` : '';
      reporter.progress(event, { label: `${PHASE_WORDS[phase]}${place}`, fraction, remaining });
      return null;
    }
    case 'warning':
      reporter.note(event, `Note${event.words === undefined ? '' : ` on "${event.words}"`}: ${event.message}`);
      return null;
    case 'draft':
    case 'picture': {
      const { bytes, ...rest } = event;
      const stem = `${fileStemOf(wordsFor(request.prompt, event.seed), event.seed)}${event.type === 'draft' ? '-draft' : ''}`;
      if (format === 'svg') {
        const { svg, ...vectors } = await trace(bytes);
        const file = await writePicture(out, stem, 'svg', svg);
        reporter.note({ type: 'vectors', file, ...vectors }, describeVectors(vectors));
        reporter.result({ ...rest, bytes: Buffer.byteLength(svg), file }, file);
        return null;
      }
      const file = await writePicture(out, stem, 'png', bytes);
      reporter.result({ ...rest, bytes: bytes.byteLength, file }, file);
      return null;
    }
    case 'error':
      reporter.note(event, event.code === 'unknown-words' ? `${event.message} ${FORCE_HINT}` : event.message);
      return exitCodeOf(event.code);
    case 'done': {
      const total = Object.values(event.milliseconds).reduce((sum, time) => sum + time, 0);
      reporter.note(event, `Done in ${formatDuration(total)}.`);
      return EXIT.ok;
    }
    default:
      return event satisfies never;
  }
}

const FORCE_HINT = '"twostep pack info --vocabulary" lists all it knows; --force draws all the same.';

function describeVectors({ fidelity, points, layers, regions, lost, suits }: Omit<Traced, 'svg'>): string {
  const measured = `${Math.round(fidelity * 100)}% of the picture in ${layers} layers and ${points} points`;
  switch (suits) {
    case 'yes':
      return `Vectors keep ${measured}.`;
    case 'too-little-kept':
      return `Note: vectors keep only ${measured}. It has too much detail for them; without --format svg it is written as it was drawn.`;
    case 'parts-missing':
      return `Note: vectors keep ${measured}, but ${lost} of the ${regions} parts that stand out in it are missing.`;
    case 'too-many-points':
      return `Note: vectors keep ${measured}, which are too many to edit.`;
    default:
      return suits satisfies never;
  }
}
