/** `twostep upstream`: image servers of others, which become models here. Only who sits at this machine adds them. */
import { printable } from '../../models/printable.js';
import { CommandError } from '../node/errors.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import type { Reporter } from '../node/reporter.js';
import { baseOf, isLoopback } from '../upstream/address.js';
import { whereItGoes } from '../upstream/models.js';
import { probeModels } from '../upstream/probe.js';
import { readUpstreams, Upstream, writeUpstreams } from '../upstream/settings.js';
import type { Ask } from './ask.js';

export type UpstreamAddOptions = {
  readonly keyEnv?: string | undefined;
  readonly model?: readonly string[] | undefined;
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  readonly without?: readonly string[] | undefined;
  readonly yes?: true | undefined;
};

type Context = {
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  /** Null where nobody is at a terminal. */
  readonly ask: Ask | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** What most servers draw, and OpenAI's smallest. */
const USUAL_SIZE = { width: 1024, height: 1024 } as const;

export async function runUpstreamAdd(
  name: string,
  address: string,
  { keyEnv, model, size = USUAL_SIZE, without = [], yes }: UpstreamAddOptions,
  { reporter, signal, ask, environment }: Context,
): Promise<ExitCode> {
  const url = readAddress(address, keyEnv !== undefined);
  const said = { name, url, keyEnv: keyEnv ?? null };
  const others = (await readUpstreams()).filter((one) => one.name !== name);
  const key = keyEnv === undefined ? undefined : environment[keyEnv];
  if (keyEnv !== undefined && !key)
    reporter.note({ type: 'note' }, `Note: ${keyEnv} is not set here; it must be where Twostep draws.`);
  const models = model ?? (await probeModels(said, key, signal));
  const upstream = parse({ ...said, models, size, without });
  const notice = whereItGoes({ upstream });
  if (!isLoopback(new URL(url).hostname) && !yes) {
    if (!ask) throw new CommandError(EXIT.usage, `${notice} Say --yes where that is meant.`);
    const answer = await ask(`${notice} Add it? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError(EXIT.failed, 'Nothing was added.');
  }
  await writeUpstreams([...others, upstream]);
  reporter.note({ type: 'note' }, `${notice} Its models are never drawn with unless they are named:`);
  for (const id of upstream.models.map((one) => `${name}/${one}`)) reporter.result({ type: 'model', id }, id);
  return EXIT.ok;
}

export async function runUpstreamList({ reporter }: Pick<Context, 'reporter'>): Promise<ExitCode> {
  const upstreams = await readUpstreams();
  for (const upstream of upstreams) {
    const { name, url, keyEnv, models } = upstream;
    const key = keyEnv === null ? 'no key' : `key in ${keyEnv}`;
    reporter.result({ type: 'upstream', ...upstream }, `${name}  ${url}  ${key}  ${models.map(printable).join(', ')}`);
  }
  if (upstreams.length === 0)
    reporter.note({ type: 'note' }, 'There are none; "twostep upstream add NAME URL" adds one.');
  return EXIT.ok;
}

export async function runUpstreamRemove(name: string, { reporter }: Pick<Context, 'reporter'>): Promise<ExitCode> {
  const upstreams = await readUpstreams();
  const left = upstreams.filter((one) => one.name !== name);
  if (left.length === upstreams.length)
    throw new CommandError(EXIT.usage, `There is no "${name}"; "twostep upstream list" has them all.`);
  await writeUpstreams(left);
  reporter.note({ type: 'removed', name }, `"${name}" is asked no more. Pictures that it drew stay.`);
  return EXIT.ok;
}

function readAddress(address: string, hasKey: boolean): string {
  try {
    return baseOf(address, hasKey);
  } catch (error) {
    throw new CommandError(EXIT.usage, (error as Error).message);
  }
}

function parse(said: unknown): Upstream {
  const parsed = Upstream.safeParse(said);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CommandError(EXIT.usage, `"${issue?.path.join('.')}" ${issue?.message ?? 'is not valid'}.`);
}
