/**
 * Everything that goes wrong, at once: the companion and its engine are killed, its store is damaged, its disk is full, clients go away
 * or cancel. Afterwards every accepted job must have been drawn, as asked, once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Job, JobList } from '../../models/api.js';
import type { GenerateRequest } from '../../models/protocol.js';
import { COMMAND } from './serve.js';

export type SoakOptions = {
  readonly jobs: number;
  /** How often each kind of fault comes. */
  readonly rounds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly port: number;
  readonly token: string;
  readonly request: GenerateRequest;
  /** Pictures by their seeds, from 0 on. */
  readonly expected: readonly Buffer[];
};

export type SoakResult = {
  readonly accepted: number;
  readonly drawn: number;
  /** Cancelled after its client went away or asked for that. */
  readonly left: number;
  readonly faults: Readonly<Record<Fault, number>>;
  /** Requests that were refused, by status; none of them counts as accepted. */
  readonly refused: Readonly<Record<number, number>>;
  /** A line for each accepted job that is lost, there twice, failed, or another picture. */
  readonly wrong: readonly string[];
};

const FAULTS = ['engine killed', 'companion killed', 'store damaged', 'disk full'] as const;
type Fault = (typeof FAULTS)[number];

/** `got`: its client has seen it drawn, so that it may be gone with a damaged store. */
type Entry = { readonly seed: number; left: boolean; got: boolean };

const CLIENTS = 6;
/** Kilobytes that the companion asks of a disk before it starts (storage.ts), and some. */
const LEAST_FILE = 640;

export async function runSoak({
  jobs,
  rounds,
  environment,
  port,
  token,
  request,
  expected,
}: SoakOptions): Promise<SoakResult> {
  const accepted = new Map<string, Entry>();
  const wrong: string[] = [];
  const refused: Record<number, number> = {};
  const faults = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  let companion = start();
  let random = 1;
  const chance = () => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return random / 2 ** 32;
  };

  /** @param fileLimit kilobytes that a file may have, in place of a full disk; its signal is ignored, so that writes fail instead */
  function start(fileLimit?: number): ChildProcess {
    const serve = [COMMAND, 'serve', '--port', String(port), '--provider', 'cpu'];
    const [command, ...args] = fileLimit
      ? ['bash', '-c', `trap '' XFSZ; ulimit -f ${fileLimit}; exec "$@"`, 'bash', process.execPath, ...serve]
      : [process.execPath, ...serve];
    return spawn(command as string, args, { env: { ...process.env, ...environment }, stdio: 'ignore' });
  }
  const ended = (child: ChildProcess) =>
    child.exitCode !== null || child.signalCode !== null ? null : new Promise((resolve) => child.once('exit', resolve));
  async function kill(): Promise<void> {
    companion.kill('SIGKILL');
    await ended(companion);
  }

  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...init.headers },
    });
  /** Until it answers. */
  async function insist(path: string): Promise<Response> {
    for (;;) {
      const answer = await ask(path).catch(() => null);
      if (answer) return answer;
      await delay(100);
    }
  }

  async function cause(fault: Fault): Promise<void> {
    faults[fault] += 1;
    const store = join(environment['TWOSTEP_DATA'] as string, 'jobs', 'data.mdb');
    switch (fault) {
      case 'engine killed': {
        const engine = engineOf(companion.pid as number);
        if (engine !== null) process.kill(engine, 'SIGKILL');
        return;
      }
      case 'companion killed':
        await kill();
        break;
      case 'store damaged':
        await kill();
        if (chance() < 0.5) truncateSync(store, statSync(store).size / 2);
        else writeFileSync(store, randomBytes(statSync(store).size));
        break;
      case 'disk full':
        await kill();
        companion = start(Math.max(LEAST_FILE, Math.ceil(statSync(store).size / 1024) + 8));
        // It may refuse to start at all, in words.
        await Promise.race([insist('/health').then(() => delay(1500)), ended(companion)]);
        await kill();
        break;
      default:
        fault satisfies never;
    }
    companion = start();
  }

  /** Hears a job to its end, however often the line breaks. */
  async function hear(id: string, entry: Entry): Promise<void> {
    while (accepted.get(id) === entry) {
      const job = await insist(`/v1/jobs/${id}/events`);
      if (job.status === 404) return void wrong.push(`${id} is lost`);
      const text = await job.text().catch(() => '');
      const error = /event: error\ndata: (.*)/.exec(text)?.[1];
      if (error) return void wrong.push(`${id} failed: ${error}`);
      if (!text.includes('event: done')) continue;
      const png = /event: picture\ndata: (.*)/g;
      const pictures = [...text.matchAll(png)].map(([, data]) => (JSON.parse(data as string) as { png: string }).png);
      entry.got = true;
      if (pictures.length !== 1 || pictures[0] !== expected[entry.seed]?.toString('base64'))
        wrong.push(`${id} has ${pictures.length} pictures, or another one`);
      return;
    }
  }

  async function work(): Promise<void> {
    while (accepted.size < jobs) {
      const [seed, fate] = [Math.floor(chance() * expected.length), chance()];
      const abort = new AbortController();
      const streams = fate < 0.5;
      const answer = await ask('/v1/jobs', {
        method: 'POST',
        body: JSON.stringify({ request: { ...request, seeds: [seed] }, keep: fate >= 0.15 }),
        signal: abort.signal,
        headers: streams ? { Accept: 'text/event-stream' } : {},
      }).catch(() => null);
      const id = answer?.headers.get('x-twostep-job');
      if (!answer?.ok || !id) {
        if (answer) refused[answer.status] = (refused[answer.status] ?? 0) + 1;
        await delay(50);
        continue;
      }
      const entry: Entry = { seed, left: fate < 0.3, got: false };
      accepted.set(id, entry);
      if (fate < 0.15) abort.abort();
      else if (fate < 0.3) {
        await ask(`/v1/jobs/${id}/cancel`, { method: 'POST', body: '{}' }).catch(() => null);
        await answer.body?.cancel().catch(() => undefined);
      } else {
        await answer.text().catch(() => '');
        await hear(id, entry);
      }
    }
  }

  try {
    await insist('/health');
    const working = Promise.all(Array.from({ length: CLIENTS }, work));
    const plan = Array.from({ length: rounds }, () => FAULTS).flat();
    for (const [index, fault] of plan.entries()) {
      const goal = ((index + 1) * jobs) / (plan.length + 1);
      while (accepted.size < goal) await delay(5);
      await cause(fault);
    }
    await working;

    const history = await readHistory();
    let [drawn, left] = [0, 0];
    for (const [id, entry] of accepted) {
      const job = history.get(id);
      if (!job) {
        if (!entry.got && !entry.left) wrong.push(`${id} is lost`);
        if (entry.got) drawn += 1;
        else left += 1;
        continue;
      }
      if (entry.left && job.state === 'cancelled') {
        left += 1;
        continue;
      }
      const bytes = Buffer.from(await (await insist(`/v1/jobs/${id}/pictures/0`)).arrayBuffer());
      if (job.state !== 'done' || !bytes.equals(expected[entry.seed] as Buffer))
        wrong.push(`${id} is ${job.state}: ${job.error?.message ?? 'with another picture'}`);
      drawn += 1;
    }
    return { accepted: accepted.size, drawn, left, faults, refused, wrong };
  } finally {
    await kill();
  }

  /** All jobs, once none waits any more. */
  async function readHistory(): Promise<Map<string, Job>> {
    for (;;) {
      const history = new Map<string, Job>();
      let before = '';
      do {
        const answer = await insist(`/v1/jobs?limit=100${before && `&before=${before}`}`);
        const page = JobList.parse(await answer.json());
        for (const job of page.jobs) {
          if (history.has(job.id)) wrong.push(`${job.id} is there twice`);
          history.set(job.id, job);
        }
        before = page.next ?? '';
      } while (before !== '');
      if ([...history.values()].every((job: Job) => job.finished !== null)) return history;
      await delay(300);
    }
  }
}

/** The process that draws for this one (proc(5)); null where there is none, or no such list. */
function engineOf(companion: number): number | null {
  try {
    const children = readFileSync(`/proc/${companion}/task/${companion}/children`, 'utf8').trim();
    return children === '' ? null : Number(children.split(' ')[0]);
  } catch {
    return null;
  }
}
