/** `twostep pull`: a pack from an address, or by a name of the registry. */

import { EXIT, type ExitCode } from '../node/exit-codes.js';
import type { Reporter } from '../node/reporter.js';
import { userPackFolder } from '../packs/places.js';
import { type Conflict, pullPack } from '../packs/pull.js';
import { readRegistry } from '../packs/registry.js';
import { type Ask, isYes } from './ask.js';
import { formatBytes } from './pack.js';

export type PullOptions = { readonly replace?: boolean; readonly allowHost?: readonly string[] };

export async function runPull(
  wanted: string,
  { replace = false, allowHost = [] }: PullOptions,
  { reporter, signal, ask }: { reporter: Reporter; signal: AbortSignal; ask: Ask | null },
): Promise<ExitCode> {
  const registry = await readRegistry();
  const entry = Object.hasOwn(registry, wanted) ? registry[wanted] : undefined;
  const url = entry?.url ?? wanted;
  const hosts = new Set([...allowHost, ...(entry?.hosts ?? [])]);
  /** A program that reads our records does not answer questions: there, what nobody allowed is refused. */
  const confirm = async (question: string) => {
    if (!ask || reporter.json) return false;
    reporter.end();
    return isYes(await ask(`${question} [y/N] `));
  };
  const mayFollow = async (from: URL, to: URL) => {
    if (!hosts.has(to.host) && (await confirm(`${from.host} sends on to another host, ${to.host}. Fetch from there?`)))
      hosts.add(to.host);
    return hosts.has(to.host);
  };
  const mayReplace = async (conflict: Conflict) => replace || confirm(describeConflict(conflict));
  for await (const event of pullPack({ url, into: userPackFolder(), signal, mayFollow, mayReplace }))
    switch (event.type) {
      case 'progress': {
        const fraction = event.total > 0 ? event.bytes / event.total : 1;
        reporter.progress(event, {
          label: `${event.path}, ${formatBytes(event.bytes)} of ${formatBytes(event.total)}`,
          fraction,
        });
        break;
      }
      case 'done':
        reporter.end();
        reporter.result(event, event.folder);
        break;
      default:
        event satisfies never;
    }
  return EXIT.ok;
}

function describeConflict({ pack, kind }: Conflict): string {
  switch (kind) {
    case 'embedded':
      return `This pack is called "${pack}", as the one that comes with the program. Use it in its place?`;
    case 'own':
      return `Another pack "${pack}" is there already. Take it away for this one?`;
    default:
      return kind satisfies never;
  }
}
