/** What Prometheus may read at /metrics. It stays on this machine unless somebody fetches it with a token. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CrewCounts } from '../backend.js';
import type { JobNews } from '../jobs/news.js';

export type Metrics = {
  onNews(news: JobNews): void;
  onAnswer(route: string, status: number, seconds: number): void;
  /** @param crew of a shared queue */
  text(counts: { readonly waiting: number; readonly running: number }, crew: CrewCounts | null): Promise<string>;
  readonly contentType: string;
};

/** Seconds: from a cached phase on a GPU to a teacher's 256 steps on a CPU. */
const SECONDS = [0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 120];

export function createMetrics(): Metrics {
  const registers = [new Registry()];
  const jobs = new Counter({ name: 'twostep_jobs_total', help: 'Jobs that ended', labelNames: ['state'], registers });
  const accepted = new Counter({
    name: 'twostep_requests_total',
    help: 'Requests for pictures: accepted, joined to an equal one, refused by a full queue, restored after a crash',
    labelNames: ['outcome'],
    registers,
  });
  const failures = new Counter({
    name: 'twostep_failures_total',
    help: 'Failed jobs',
    labelNames: ['code'],
    registers,
  });
  const faults = new Counter({ name: 'twostep_faults_total', help: 'Faults of the program', registers });
  const pictures = new Counter({ name: 'twostep_picture_bytes_total', help: 'Bytes of pictures made', registers });
  const phases = new Histogram({
    name: 'twostep_phase_seconds',
    help: 'Time of each phase of a job',
    labelNames: ['phase'],
    buckets: SECONDS,
    registers,
  });
  const waits = new Histogram({ name: 'twostep_wait_seconds', help: 'Time in the queue', buckets: SECONDS, registers });
  const answers = new Histogram({
    name: 'twostep_http_seconds',
    help: 'Time until the answer begins',
    labelNames: ['route', 'status'],
    buckets: SECONDS,
    registers,
  });
  const waiting = new Gauge({ name: 'twostep_queue_waiting', help: 'Requests that wait', registers });
  const running = new Gauge({ name: 'twostep_queue_running', help: 'Requests that run', registers });
  // With a shared queue: each gateway tells the same of it, while the two above are of this gateway alone.
  const workers = new Gauge({ name: 'twostep_workers', help: 'Workers', labelNames: ['state'], registers });
  const packWorkers = new Gauge({
    name: 'twostep_pack_workers',
    help: 'Workers that have a pack',
    labelNames: ['pack'],
    registers,
  });
  const packWaiting = new Gauge({
    name: 'twostep_pack_waiting',
    help: 'Runs that wait for a worker',
    labelNames: ['pack'],
    registers,
  });

  function setCrew({ workers: all, busy, packs }: CrewCounts): void {
    workers.set({ state: 'busy' }, busy);
    workers.set({ state: 'idle' }, all - busy);
    for (const gauge of [packWorkers, packWaiting]) gauge.reset();
    for (const { pack, workers: having, waiting: depth } of packs) {
      packWorkers.set({ pack }, having);
      packWaiting.set({ pack }, depth);
    }
  }

  return {
    onNews(news) {
      switch (news.type) {
        case 'finished': {
          const { job, last, waited } = news;
          jobs.inc({ state: job.state });
          pictures.inc(job.bytes);
          waits.observe(Math.max(0, waited) / 1000);
          if (last.type === 'error' && job.state === 'failed') failures.inc({ code: last.code });
          if (last.type === 'done')
            for (const [phase, time] of Object.entries(last.milliseconds)) phases.observe({ phase }, time / 1000);
          return;
        }
        case 'fault':
          faults.inc();
          return;
        default:
          accepted.inc({ outcome: news.type });
      }
    },
    onAnswer: (route, status, seconds) => answers.observe({ route, status: String(status) }, seconds),
    text(counts, crew) {
      if (crew) setCrew(crew);
      waiting.set(counts.waiting);
      running.set(counts.running);
      return (registers[0] as Registry).metrics();
    },
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
  };
}
