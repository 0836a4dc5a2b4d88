/** Models of other image servers, as things that a request can be made for. */
import type { RequestTarget } from '../../models/request/build.js';
import type { Upstream } from './settings.js';

export type UpstreamModel = {
  /** `NAME/MODEL`; ids of packs have no slash. */
  readonly id: string;
  readonly upstream: Upstream;
  /** As the server calls it. */
  readonly model: string;
};

export const modelsOf = (upstreams: readonly Upstream[]): UpstreamModel[] =>
  upstreams.flatMap((upstream) =>
    upstream.models.map((model) => ({ id: `${upstream.name}/${model}`, upstream, model })),
  );

/** The name of the server that a request is for; undefined for packs. */
export const upstreamOf = (id: string): string | undefined =>
  id.includes('/') ? id.slice(0, id.indexOf('/')) : undefined;

/** What a request must know of it. Servers without qualities draw all three alike. */
export function targetOfUpstream({ id, upstream }: UpstreamModel): RequestTarget {
  const of = (quality: 'low' | 'auto' | 'high') => ({ kind: 'upstream', quality, steps: null }) as const;
  const qualities = upstream.without.includes('quality') ? {} : { draft: of('low'), fine: of('high') };
  return { id, size: upstream.size, presets: { standard: of('auto'), ...qualities } };
}

/** What happens to a prompt that goes there: said before it is first used, and with each picture. */
export function whereItGoes({ upstream }: Pick<UpstreamModel, 'upstream'>): string {
  const { hostname, host } = new URL(upstream.url);
  if (/^(localhost|127\.|\[::1\])/.test(hostname)) return `Drawn by another program on this machine (${host}).`;
  return `This leaves your machine: ${host} gets the prompt, and may keep it and charge for it.`;
}
