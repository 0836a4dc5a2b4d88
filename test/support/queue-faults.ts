/**
 * Jobs under load while workers, gateways and the server of their queue are killed at random: what was accepted must be drawn, be in the
 * history once, and each stream must go on at another gateway without a gap and without anything twice.
 */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../models/protocol.js';
import { connectRedis } from '../../server/queue/redis.js';
import { openSharedTokens } from '../../server/queue/tokens.js';
import { createFakeWorker, createGateway, type QueueProcess } from './queue-processes.js';
import { startRedis } from './redis.js';

export type FaultsOptions = {
  readonly jobs: number;
  readonly workers: number;
  readonly gateways: number;
  /** Of a picture; each job has two. */
  readonly milliseconds: number;
  /** Milliseconds between two faults. */
  readonly every: number;
  readonly clients: number;
};

export type FaultsReport = {
  readonly accepted: number;
  /** Not done, or not in the history. */
  readonly lost: number;
  /** In the history more than once, or with a picture more than once. */
  readonly twice: number;
  /** Pictures with other bytes than their seed's, and streams with a gap or a repetition. */
  readonly wrong: readonly string[];
  readonly kills: Readonly<Record<'worker' | 'gateway' | 'server' | 'standstill', number>>;
  /** Streams that broke and went on at another place. */
  readonly broken: number;
  readonly seconds: number;
};

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

export async function runFaults(options: FaultsOptions): Promise<FaultsReport> {
  const server = await startRedis();
  const workers = await Promise.all(
    Array.from({ length: options.workers }, () => createFakeWorker(server.url, options.milliseconds)),
  );
  const gateways: QueueProcess[] = [];
  for (let at = 0; at < options.gateways; at += 1) gateways.push(await createGateway(server.url));
  const shared = await connectRedis(server.url);
  const tokens = await openSharedTokens(shared);
  const { token } = await tokens.create('faults', { manages: true });
  await tokens.close();
  shared.close();
  const began = performance.now();
  try {
    await Promise.all([...workers, ...gateways].map((one) => one.start()));
    return await load();
  } finally {
    await Promise.all([...workers, ...gateways].map((one) => one.kill()));
    await server.close();
  }

  async function load(): Promise<FaultsReport> {
    const kills = { worker: 0, gateway: 0, server: 0, standstill: 0 };
    const wrong: string[] = [];
    const accepted: string[] = [];
    let [next, broken, over] = [0, 0, false];

    const ask = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) => {
      const up = gateways.filter(({ isUp }) => isUp);
      if (up.length === 0) throw new Error('no gateway is up');
      const headers = { ...init.headers, Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
      return fetch(oneOf(up).url + path, { signal: AbortSignal.timeout(20_000), ...init, headers });
    };
    /** Until it is answered with this status. */
    async function insist(path: string, status: number, init: Parameters<typeof ask>[1] = {}): Promise<Response> {
      for (;;) {
        const answer = await ask(path, init).catch(() => null);
        if (answer?.status === status) return answer;
        if (answer && ![429, 503, 500].includes(answer.status))
          wrong.push(`${path}: ${answer.status} ${await answer.text().catch(() => '')}`);
        await pause(100);
      }
    }

    async function client(): Promise<void> {
      for (let job = next++; job < options.jobs; job = next++) {
        const seeds = [job * 2 + 1, job * 2 + 2];
        const request: GenerateRequest = {
          ...REQUEST_DEFAULTS,
          prompt: 'owl',
          pack: 'test-pack',
          seeds,
          schedule: { kind: 'student', steps: 2 },
          size: { width: 256, height: 256 },
        };
        const answer = await insist('/v1/jobs', 202, { method: 'POST', body: JSON.stringify({ request }) });
        const id = answer.headers.get('x-twostep-job') as string;
        accepted.push(id);
        await follow(id);
      }
    }

    /** Hears a job to its end, at whichever gateways are there. */
    async function follow(id: string): Promise<void> {
      for (let last = -1; ; broken += 1) {
        const headers: Record<string, string> = last < 0 ? {} : { 'Last-Event-ID': `${id}:${last}` };
        const answer = await ask(`/v1/jobs/${id}/events`, { headers, signal: AbortSignal.timeout(60_000) }).catch(
          () => null,
        );
        try {
          if (answer?.status === 404) wrong.push(`${id} is not known`);
          if (answer?.status !== 200 || !answer.body) throw new Error('again');
          const events = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
          for await (const { id: number, event, data } of events as unknown as AsyncIterable<{
            id?: string;
            event?: string;
            data: string;
          }>) {
            if (number === undefined || number === '') continue;
            const heard = Number(number.slice(number.indexOf(':') + 1));
            if (heard !== last + 1) wrong.push(`${id}: event ${heard} after ${last}`);
            last = heard;
            if (event === 'error') wrong.push(`${id}: ${data}`);
            if (event === 'done' || event === 'error') return;
          }
        } catch {
          // The stream broke; it goes on elsewhere.
        }
        await pause(50);
      }
    }

    async function disturb(): Promise<void> {
      while (!over) {
        await pause(options.every * (0.5 + Math.random()));
        if (over) return;
        const dice = Math.random();
        if (dice < 0.15) {
          kills.server += 1;
          await server.kill();
          await pause(200);
          await server.start();
        } else if (dice < 0.45) {
          // One stays, as there would be no stream to go on with.
          const up = gateways.filter(({ isUp }) => isUp);
          if (up.length < 2) continue;
          kills.gateway += 1;
          await restart(oneOf(up));
        } else if (dice < 0.85) {
          kills.worker += 1;
          await restart(oneOf(workers));
        } else {
          kills.standstill += 1;
          const still = oneOf(workers);
          still.signal('SIGSTOP');
          setTimeout(() => still.signal('SIGCONT'), 4000);
        }
      }
    }
    const restarts = new Set<Promise<void>>();
    async function restart(one: QueueProcess): Promise<void> {
      await one.kill();
      const started = one.start().catch(() => undefined);
      restarts.add(started);
      void started.then(() => restarts.delete(started));
    }

    const disturbing = disturb();
    await Promise.all(Array.from({ length: options.clients }, client));
    over = true;
    await disturbing;
    await Promise.all(restarts);
    await Promise.all(gateways.filter(({ isUp }) => !isUp).map((one) => one.start()));

    type Listed = { id: string; state: string; pictures: { index: number; seed: number }[]; request: GenerateRequest };
    const history: Listed[] = [];
    for (let before: string | null = ''; before !== null; ) {
      const answer = await insist(`/v1/jobs?limit=100${before ? `&before=${before}` : ''}`, 200);
      const page = (await answer.json()) as { jobs: Listed[]; next: string | null };
      history.push(...page.jobs);
      before = page.next;
    }
    let [lost, twice] = [0, 0];
    for (const id of accepted) {
      const found = history.filter((job) => job.id === id);
      if (found.length > 1) twice += 1;
      const [job] = found;
      if (job?.state !== 'done') {
        lost += 1;
        wrong.push(`${id} is ${job?.state ?? 'not in the history'}`);
        continue;
      }
      const indexes = job.pictures.map(({ index }) => index);
      if (new Set(indexes).size !== indexes.length) twice += 1;
      if (indexes.join() !== '0,1') wrong.push(`${id} has the pictures ${indexes.join()}`);
      for (const { index, seed } of job.pictures) {
        const text = await (await insist(`/v1/jobs/${id}/pictures/${index}`, 200)).text();
        if (text !== `picture ${seed}` || seed !== job.request.seeds[index]) wrong.push(`${id}: ${index} is "${text}"`);
      }
    }
    const seconds = (performance.now() - began) / 1000;
    return { accepted: accepted.length, lost, twice, wrong, kills, broken, seconds };
  }
}
