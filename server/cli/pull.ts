/** `twostep pull`: a pack from an address, or by a name of the registry. */
import { userPackFolder } from '../packs/places.js';
import { pullPack } from '../packs/pull.js';
import { readRegistry } from '../packs/registry.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { formatBytes } from './pack.js';
import type { Reporter } from './reporter.js';

export async function runPull(
  wanted: string,
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
): Promise<ExitCode> {
  const registry = await readRegistry();
  const url = registry[wanted]?.url ?? wanted;
  for await (const event of pullPack({ url, into: userPackFolder(), signal }))
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
