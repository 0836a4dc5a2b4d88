/** The `twostep` command: its verbs and options, and how it ends. What the verbs do is handed in. */

import { readFile } from 'node:fs/promises';
import { Argument, Command, CommanderError, Option } from 'commander';
import { PORTS } from '../../models/api.js';
import { FULL_SIZES } from '../../models/import/bench/sizes.js';
import { STORAGE, STORAGE_NAMES } from '../../models/import/storage.js';
import { VAR_BENCH_SIZES } from '../../models/import/var/bench-sizes.js';
import type { GenerateRequest } from '../../models/protocol.js';
import { SCALES, WAYS } from '../../models/run/upscale.js';
import type { ServeOptions } from '../companion/serve.js';
import { requestFromPicture } from '../drawing/picture-request.js';
import { PROVIDERS } from '../engine/messages.js';
import { describeFailure } from '../node/errors.js';
import { EXIT, EXIT_CODE_HELP, type ExitCode } from '../node/exit-codes.js';
import { createReporter, type Reporter, type Sink, withoutControls } from '../node/reporter.js';
import { listPacks } from '../packs/list.js';
import { pictureFolder } from '../packs/places.js';
import type { WorkOptions } from '../queue/work.js';
import type { Trace } from '../vector/trace.js';
import type { Ask } from './ask.js';
import { type Bench, type BenchOptions, runBench } from './bench.js';
import { COMPLETION_SCRIPTS, complete, SHELLS, type Shell } from './completion.js';
import { type Convert, type ConvertOptions, runPackConvert } from './convert.js';
import { runCuda } from './cuda.js';
import { type GenerateDependencies, runGenerate } from './generate.js';
import { type GetOptions, runGet } from './get.js';
import { describeRecipes, type Importer, type ImportOptions, runImport } from './import.js';
import type { McpOptions } from './mcp.js';
import { runPackInfo, runPackList, runPackVerify } from './pack.js';
import { type Parity, runParity } from './parity.js';
import { type PictureOptions, pictureOptions } from './picture-options.js';
import { type PullOptions, runPull } from './pull.js';
import { type RemoveOptions, runPackRemove } from './remove.js';
import { runServiceInstall, runServiceRemove, type ServiceDependencies, type ServiceOptions } from './service.js';
import { runTokenCreate, runTokenList, runTokenRevoke } from './token.js';
import type { UpscaleOptions } from './upscale.js';
import { runUpstreamAdd, runUpstreamList, runUpstreamRemove, type UpstreamAddOptions } from './upstream.js';
import { parseBatch, parseCount, parseNoises, parsePort, parseQueue, parseSize } from './values.js';
import { runPackVocabulary } from './vocabulary.js';

/** What the verbs do. */
export type Actions = {
  readonly openLocalEngine: GenerateDependencies['openLocalEngine'];
  readonly importer: Importer;
  readonly parity: Parity;
  readonly bench: Bench;
  readonly convert: Convert;
  readonly serve: (options: ServeOptions, context: { reporter: Reporter; signal: AbortSignal }) => Promise<ExitCode>;
  readonly work: (options: WorkOptions, context: { reporter: Reporter; signal: AbortSignal }) => Promise<ExitCode>;
  /** Stdin and stdout are the agent's, so nothing is reported there. */
  readonly mcp: (options: McpOptions, context: { signal: AbortSignal }) => Promise<ExitCode>;
  randomSeed(): number;
  readonly trace: Trace;
  readonly readPicture: GenerateDependencies['readPicture'];
};

export type Host = {
  readonly version: string;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly service: Omit<ServiceDependencies, 'environment'>;
  /** Null where nobody is at a terminal. */
  readonly ask: Ask | null;
  /** Standard input to its end: the prompt that is given as "-". */
  readInput(): Promise<string>;
};

type Run = (context: { reporter: Reporter; signal: AbortSignal }) => Promise<ExitCode>;

/**
 * Runs one command line.
 * @param args without node and script
 * @returns the exit code; nothing is thrown
 */
export async function runProgram(args: readonly string[], actions: Actions, host: Host): Promise<ExitCode> {
  const { stdout, signal } = host;
  const stderr = withoutControls(host.environment) ? { write: (text: string) => host.stderr.write(text) } : host.stderr;
  let exitCode: ExitCode = EXIT.ok;
  /** Does what a verb says, with failures told in the manner that was asked for. */
  const act = async (program: Command, run: Run) => {
    const reporter = createReporter({ json: program.opts()['json'] === true, stdout, stderr });
    try {
      exitCode = await run({ reporter, signal });
    } catch (error) {
      reporter.end();
      if (signal.aborted) {
        reporter.note({ type: 'error', code: 'cancelled', message: 'Cancelled.' }, 'Cancelled.');
        exitCode = EXIT.cancelled;
        return;
      }
      const { code, message, exitCode: end } = describeFailure(error, Boolean(host.environment['TWOSTEP_DEBUG']));
      reporter.note({ type: 'error', code, message }, message);
      exitCode = end;
    }
  };
  const program = createProgram(actions, host, act);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said what is wrong; asking for help or the version is not wrong.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  return exitCode;
}

const PROMPT = 'what to draw; "-" reads it from standard input';

type Act = (program: Command, run: Run) => Promise<void>;

function createProgram(actions: Actions, host: Host, act: Act): Command {
  const program = new Command('twostep')
    .description('Pictures from text in two model steps, on your own machine.')
    .version(host.version)
    .option('--json', 'for programs: one JSON object a line on stdout')
    .addHelpText('after', EXIT_CODE_HELP)
    .showHelpAfterError('("twostep --help" and "twostep COMMAND --help" list what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
    });

  const draw = (options: PictureOptions, prompt: string | undefined, idea: boolean) =>
    act(program, async ({ reporter, signal }) => {
      const { like, out, pack, format, ...rest } = options;
      const request = {
        ...rest,
        prompt,
        idea,
        out,
        format,
        pack,
        like: like === undefined ? undefined : await readRequest(like),
      };
      return runGenerate(request, { ...actions, readInput: host.readInput, reporter, signal });
    });
  pictureOptions(program.command('generate').argument('[prompt]', PROMPT), '.')
    .description('draw pictures')
    .action((prompt: string | undefined, options: PictureOptions) => draw(options, prompt, false));
  program
    .command('upscale')
    .description('make a picture larger: from its layers where it is flat, else by an upscaler')
    .argument('<picture>', 'PNG, JPEG or WebP')
    .addOption(new Option('--scale <factor>', 'how much').choices(SCALES.map(String)).default('2'))
    .addOption(new Option('--by <way>', 'what makes it larger').choices(WAYS).default('auto'))
    .option('--out <folder>', 'where it goes (default: beside the picture)')
    .action((picture: string, { scale, ...options }: Omit<UpscaleOptions, 'scale'> & { scale: string }) =>
      act(program, async (context) =>
        (await import('./upscale.js')).runUpscale(picture, { ...options, scale: scale === '4' ? 4 : 2 }, context),
      ),
    );
  const serve = (options: ServeOptions) => act(program, (context) => actions.serve(options, context));
  const browser = host.stdout.isTTY === true && !host.environment['CI'];
  addStart(program, { draw: (options, prompt) => draw(options, prompt, true), serve, browser });
  program
    .command('get')
    .description('fetch published weights and import them; without a name: which there are')
    .argument('[name]', 'a published model')
    .option('--with <role...>', 'fetch optional parts too')
    .addOption(new Option('--storage <kind>', describeStorage()).choices(STORAGE_NAMES).default('exact'))
    .option('--yes', 'agree to size and licence')
    .option('--keep', 'keep the downloads once the pack is made')
    .option('--allow-host <host...>', 'hosts to which the hub may send on, without a question')
    .action((name: string | undefined, options: GetOptions) =>
      act(program, (context) => {
        const { ask, environment } = host;
        return runGet(name, options, { ...context, ask, environment, importer: actions.importer });
      }),
    );
  program
    .command('pull')
    .description('fetch a pack; what was cut off goes on')
    .argument('<pack>', 'address of a pack.json, or a name of the registry')
    .option('--replace', 'also in place of another pack of its name, without a question')
    .option('--allow-host <host...>', 'hosts to which the address may send on, without a question')
    .action((wanted: string, options: PullOptions) =>
      act(program, (context) => runPull(wanted, options, { ...context, ask: host.ask })),
    );
  program
    .command('cuda')
    .description('fetch what NVIDIA cards need on Linux (about 300 MB, once)')
    .action(() => act(program, (context) => runCuda(context)));
  addServe(program, serve, browser);
  addWork(program, (options) => act(program, (context) => actions.work(options, context)));
  program
    .command('mcp')
    .description('speak to agents (Model Context Protocol) on stdin and stdout; they start this themselves')
    .option('--out <folder>', 'where the pictures go', pictureFolder())
    .action((options: McpOptions) => act(program, (context) => actions.mcp(options, context)));
  addToken(program, act);
  addUpstream(program, host, act);
  addService(program, { ...host.service, environment: host.environment }, act);

  addPack(program, actions.convert, host.ask, act);
  addImport(program, actions.importer, host.ask, act);
  addParity(program, actions.parity, act);
  addBench(program, actions.bench, act);
  addCompletion(program, host.stdout);
  return program;
}

function addPack(program: Command, convert: Convert, ask: Ask | null, act: Act): void {
  const pack = program.command('pack').description('look after packs');
  pack
    .command('list')
    .description('the packs at hand, best first')
    .action(() => act(program, runPackList));
  pack
    .command('info')
    .description('what a pack is')
    .argument('[pack]', 'folder or id (default: the best at hand)')
    .option('--vocabulary', 'the words that it understands')
    .action((wanted: string | undefined, { vocabulary }: { vocabulary?: true }) =>
      act(program, (context) => (vocabulary ? runPackVocabulary(wanted, context) : runPackInfo(wanted, context))),
    );
  pack
    .command('verify')
    .description('read every byte of a pack and compare it with pack.json')
    .argument('[pack]', 'folder or id (default: the best at hand)')
    .action((wanted: string | undefined) => act(program, (context) => runPackVerify(wanted, context)));
  pack
    .command('remove')
    .description('take a pack of your own away, with what was left where it was fetched')
    .argument('<id>', 'as "twostep pack list" has it')
    .option('--yes', 'do not ask')
    .action((wanted: string, options: RemoveOptions) =>
      act(program, (context) => runPackRemove(wanted, options, { ...context, ask })),
    );
  pack
    .command('convert')
    .description('make the same pack with its weights stored otherwise, and measure what that costs')
    .argument('[pack]', 'folder or id of a pack that was imported as "exact" (default: the best at hand)')
    .addOption(
      new Option('--storage <kind>', describeStorage())
        .choices(STORAGE_NAMES.filter((name) => name !== 'exact'))
        .makeOptionMandatory(),
    )
    .option('--noises <number>', 'pictures of noise by which it is compared, 0: none', parseNoises, 100)
    .option('--out <folder>', 'the pack to make (default: among your own packs)')
    .action((wanted: string | undefined, options: ConvertOptions) =>
      act(program, (context) => runPackConvert(wanted, options, { ...context, convert })),
    );
}

type Serve = (options: ServeOptions) => Promise<void>;

function addServe(program: Command, serve: Serve, browser: boolean): void {
  serveOptions(program.command('serve'))
    .description('start the companion: pictures for the panel in Figma, for the browser, and for OpenAI Images clients')
    .action((options: ServeOptions) => serve({ ...options, browser: options.browser && browser }));
}

function addWork(program: Command, work: (options: WorkOptions) => Promise<void>): void {
  program
    .command('work')
    .description('draw for companions that were started with the same --queue; any number of both')
    .addOption(queueOption().makeOptionMandatory())
    .option('--packs <id...>', 'packs to draw (default: all on this machine)')
    .addOption(providerOption())
    .addOption(batchOption())
    .action((options: WorkOptions) => work(options));
}

/** The address may hold a password, which the environment keeps from lists of processes. */
const queueOption = () =>
  new Option('--queue <url>', 'Valkey or Redis server to share, as in redis://host:6379')
    .env('TWOSTEP_QUEUE')
    .argParser(parseQueue);
const providerOption = () =>
  new Option('--provider <name>', 'what computes (default: the fastest that passes the self-test)').choices(PROVIDERS);
const batchOption = () =>
  new Option(
    '--batch <number>',
    'pictures of a request that run together (default: what suits the provider)',
  ).argParser(parseBatch);

/** `npm start`: the companion with its options, or one picture with those. */
function addStart(
  program: Command,
  {
    draw,
    serve,
    browser,
  }: { draw(options: PictureOptions, prompt: string | undefined): Promise<void>; serve: Serve; browser: boolean },
): void {
  const start = program.command('start').argument('[prompt]', PROMPT);
  serveOptions(pictureOptions(start, 'out'))
    .description('start the companion; with a prompt or options of a picture, draw one picture instead')
    .action((prompt: string | undefined, options: PictureOptions & ServeOptions, command: Command) => {
      const companion = new Set(serveOptions(new Command()).options.map((option) => option.attributeName()));
      const said = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli');
      const serving = said.filter((option) => companion.has(option.attributeName()));
      const drawing = said.filter((option) => !companion.has(option.attributeName()));
      if (prompt === undefined && drawing.length === 0)
        return serve({ ...options, browser: options.browser && browser });
      if (serving.length > 0)
        command.error(
          `error: ${serving.map(({ long }) => long).join(', ')} is for the companion, and ${prompt === undefined ? drawing.map(({ long }) => long).join(', ') : 'a prompt'} draws one picture without it.`,
          { exitCode: EXIT.usage },
        );
      return draw(options, prompt);
    });
}

function serveOptions(command: Command): Command {
  return servingOptions(command).option('--no-browser', 'do not open the playground').addOption(queueOption());
}

function servingOptions(command: Command): Command {
  return command
    .option('--port <number>', `port (default: the first of ${PORTS.join(', ')} that is free)`, parsePort)
    .option('--listen <address...>', 'be there for other machines too, at these addresses of this one')
    .option('--allow-host <name...>', 'names by which other machines may call this one')
    .addOption(providerOption())
    .addOption(batchOption());
}

function addService(program: Command, dependencies: ServiceDependencies, act: Act): void {
  const service = program.command('service').description('keep the companion running, from login on');
  servingOptions(service.command('install'))
    .description('start it now and at each login (systemd, launchd); again to change its options')
    .action((options: ServiceOptions) =>
      act(program, (context) => runServiceInstall(options, { ...context, ...dependencies })),
    );
  service
    .command('remove')
    .description('stop it, and start it no more')
    .action(() => act(program, (context) => runServiceRemove({ ...context, ...dependencies })));
}

function addToken(program: Command, act: Act): void {
  type Shared = { readonly queue?: string };
  const token = program.command('token').description('keys for programs that speak to the companion');
  token
    .command('create')
    .description('make a key')
    .argument('[name]', 'who it is for', 'key')
    .addOption(queueOption())
    .action((name: string, { queue }: Shared) =>
      act(program, (context) => runTokenCreate(name, { ...context, queue })),
    );
  token
    .command('list')
    .description('the keys that were given out')
    .addOption(queueOption())
    .action(({ queue }: Shared) => act(program, (context) => runTokenList({ ...context, queue })));
  token
    .command('revoke')
    .description('make a key worthless')
    .argument('<id>', 'as "twostep token list" has it')
    .addOption(queueOption())
    .action((id: string, { queue }: Shared) => act(program, (context) => runTokenRevoke(id, { ...context, queue })));
}

function addUpstream(program: Command, { ask, environment }: Host, act: Act): void {
  const upstream = program
    .command('upstream')
    .description('image servers of others (OpenAI and what speaks like it), which become models here');
  upstream
    .command('add')
    .description('add one, or change it')
    .argument('<name>', 'what it is called here: its models are NAME/MODEL')
    .argument('<url>', 'as in http://localhost:8080 or https://api.openai.com/v1')
    .option('--key-env <variable>', 'variable of the environment that holds its key; the key is kept nowhere')
    .option('--model <model...>', 'models that draw (default: asks the server)')
    .option('--size <pixels>', 'what it draws where nobody says (default: 1024x1024)', parseSize)
    .option('--without <parameter...>', 'parameters that it does not know, as in seed or quality; others are found out')
    .option('--yes', 'do not ask')
    .action((name: string, url: string, options: UpstreamAddOptions) =>
      act(program, (context) => runUpstreamAdd(name, url, options, { ...context, ask, environment })),
    );
  upstream
    .command('list')
    .description('those that were added')
    .action(() => act(program, runUpstreamList));
  upstream
    .command('remove')
    .description('ask it no more')
    .argument('<name>', 'as "twostep upstream list" has it')
    .action((name: string) => act(program, (context) => runUpstreamRemove(name, context)));
}

function addImport(program: Command, importer: Importer, ask: Ask | null, act: Act): void {
  program
    .command('import')
    .description('make a pack from published checkpoints')
    .argument('<recipe>', '"upscaler", a name from the list below, or the path of a recipe of your own (.json)')
    .option('--teacher <file>', 'checkpoint of the teacher')
    .option('--student <file>', 'checkpoint of the student')
    .option('--vq <file>', 'checkpoint of the VQ tokenizer')
    .option('--text <folder>', 'folder of the text encoder')
    .option('--text2 <folder>', 'folder of the second text encoder')
    .option('--yes', 'agree to what a recipe asks')
    .option(
      '--from <folder>',
      'of "upscaler": the folder of the npm package (default: @upscalerjs/esrgan-slim in node_modules)',
    )
    .addOption(new Option('--storage <kind>', describeStorage()).choices(STORAGE_NAMES).default('exact'))
    .option('--out <folder>', 'the pack to make (default: among your own packs)')
    .addHelpText('after', describeRecipes(importer.recipes))
    .action((recipe: string, { from, ...options }: Omit<ImportOptions, 'recipe'> & { from?: string }) =>
      act(program, async (context) =>
        recipe === 'upscaler'
          ? (await import('./upscale.js')).runImportUpscaler(from, context)
          : runImport({ ...options, recipe }, { ...context, importer, ask }),
      ),
    );
}

function addParity(program: Command, parity: Parity, act: Act): void {
  program
    .command('parity')
    .description("recompute the authors' reference outputs from their checkpoints and compare")
    .argument('<folder>', 'folder with reference outputs')
    .requiredOption('--out <folder>', 'where the recomputed arrays go')
    .action((folder: string, options: { out: string }) =>
      act(program, (context) => runParity({ folder, out: options.out }, { ...context, parity })),
    );
}

function addBench(program: Command, bench: Bench, act: Act): void {
  program
    .command('bench')
    .description('measure each phase on this machine')
    .addOption(
      new Option(
        '--size <name>',
        'from checkpoints of random numbers to the picture, beside PyTorch; t2i-xl is the published size (35 GB of disk, 12 GB of memory)',
      ).choices([...Object.keys(FULL_SIZES), ...Object.keys(VAR_BENCH_SIZES)]),
    )
    .option('--folder <folder>', 'where checkpoints and packs go (default: a new one that is removed)')
    .option('--python <program>', 'a Python that has torch, to be measured beside')
    .option('--noises <number>', 'pictures of noise by which precisions are compared', parseNoises, 100)
    .option('--rounds <number>', 'rounds that are counted', parseCount, 5)
    .option('--report <file>', 'write the tables as Markdown')
    .action((options: BenchOptions) => act(program, (context) => runBench(options, { ...context, bench })));
}

function addCompletion(program: Command, stdout: Sink): void {
  program
    .command('completion')
    .description('a script by which a shell completes commands and options')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((shell: Shell) => void stdout.write(COMPLETION_SCRIPTS[shell]));
  const packs = async () => (await listPacks()).flatMap((found) => (found.state === 'ready' ? [found.pack.id] : []));
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      for (const word of await complete(program, words, packs)) stdout.write(`${word}\n`);
    });
}

async function readRequest(path: string): Promise<GenerateRequest> {
  return requestFromPicture(await readFile(path));
}

const describeStorage = () => STORAGE_NAMES.map((name) => `${name}: ${STORAGE[name].summary}`).join('; ');
