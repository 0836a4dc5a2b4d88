/** What lies in compose.yaml and deploy/: it can't be started here, but each option and each metric that it names is one that exists. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { inRoot } from '../../../scripts/paths.mjs';
import { createMetrics } from '../../../server/companion/http/metrics.js';
import { runCommand } from '../../support/command.js';

const read = (...path: string[]) => readFileSync(inRoot(...path), 'utf8');

type Compose = {
  services: Record<string, { command?: string[]; volumes?: string[]; image: string; read_only?: boolean }>;
  volumes: Record<string, null>;
};
const compose = parse(read('compose.yaml'), { merge: true }) as Compose;

it('compose.yaml starts our commands with options that they have', async () => {
  for (const name of ['gateway', 'worker']) {
    const { command = [], read_only: isReadOnly } = compose.services[name] as Compose['services'][string];
    const [verb = '', ...rest] = command;
    const { stdout, exitCode } = await runCommand([verb, '--help']);
    expect(exitCode).toBe(0);
    for (const option of rest.filter((word) => word.startsWith('--'))) expect(stdout).toContain(`${option} `);
    expect(isReadOnly).toBe(true);
  }
});

it('compose.yaml mounts files that are there, and volumes that it names', () => {
  for (const { volumes = [] } of Object.values(compose.services))
    for (const volume of volumes) {
      const [from = ''] = volume.split(':');
      if (!from.startsWith('./')) expect(Object.keys(compose.volumes)).toContain(from);
      // The key is made by whoever starts it.
      else if (from !== './deploy/metrics-key') expect(read(from)).not.toBe('');
    }
});

it('the container is not root and starts what it holds', () => {
  const file = read('Containerfile');
  expect(file).toMatch(/^USER node$/m);
  const { name, bin } = JSON.parse(read('package.json')) as { name: string; bin: { twostep: string } };
  expect(file).toContain(`/lib/node_modules/${name}/${bin.twostep}"`);
});

it('every metric that is asked for is told', async () => {
  const metrics = createMetrics();
  const crew = { workers: 1, busy: 0, packs: [{ pack: 'a', workers: 1, waiting: 0 }] };
  const told = new Set(
    [...(await metrics.text({ waiting: 0, running: 0 }, crew)).matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name),
  );
  const dashboard = JSON.parse(read('deploy', 'dashboard.json')) as { panels: { targets: { expr: string }[] }[] };
  const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const keda = parse(read('deploy', 'keda.yaml')) as { spec: { triggers: { metadata: { query: string } }[] } };
  queries.push(...keda.spec.triggers.map(({ metadata }) => metadata.query));
  const asked = queries.flatMap((query) => query.match(/twostep_\w+/g) ?? []);
  expect(asked.length).toBeGreaterThan(10);
  for (const name of asked) expect(told).toContain(name.replace(/_(bucket|sum|count)$/, ''));
});

it('Prometheus asks where a gateway answers', () => {
  const { scrape_configs: jobs } = parse(read('deploy', 'prometheus.yml')) as {
    scrape_configs: { metrics_path: string; static_configs: { targets: string[] }[] }[];
  };
  const { command = [] } = compose.services['gateway'] as Compose['services'][string];
  const [host, port] = jobs[0]?.static_configs[0]?.targets[0]?.split(':') ?? [];
  expect(jobs[0]?.metrics_path).toBe('/metrics');
  expect(command[command.indexOf('--allow-host') + 1]).toBe(host);
  expect(command[command.indexOf('--port') + 1]).toBe(port);
});
