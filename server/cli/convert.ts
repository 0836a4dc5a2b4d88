/** `twostep pack convert`: the same pack with its weights stored otherwise. */
import { dirname, join, resolve } from 'node:path';
import type { ConvertEvent, ConvertJob } from '../../models/import/convert/convert-pack.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import { prepareOutput } from '../node/output-folder.js';
import type { Reporter } from '../node/reporter.js';
import { findPack } from '../packs/list.js';
import { userPackFolder } from '../packs/places.js';
import { describeQuality, formatBytes } from './pack.js';
import { verifyBeforeUse } from './verify.js';

export type Convert = (job: Omit<ConvertJob, 'open'>, signal: AbortSignal) => AsyncIterable<ConvertEvent>;

export type ConvertOptions = {
  readonly storage: ConvertJob['storage'];
  readonly noises: number;
  readonly out?: string | undefined;
};

export async function runPackConvert(
  wanted: string | undefined,
  { storage, noises, out }: ConvertOptions,
  { convert, reporter, signal }: { convert: Convert; reporter: Reporter; signal: AbortSignal },
): Promise<ExitCode> {
  const found = await findPack(wanted);
  await verifyBeforeUse(found, reporter, signal);
  const { folder, pack } = found;
  const target = resolve(out ?? join(userPackFolder(), `${pack.id}-${storage}`));
  const output = await prepareOutput(dirname(target), 'The pack');
  try {
    for await (const event of convert({ folder, pack, storage, noises, out: target }, signal))
      switch (event.type) {
        case 'progress':
          reporter.progress(event, event);
          break;
        case 'done':
          reporter.result(event, event.folder);
          if (!reporter.json)
            reporter.note(event, `Pack ${event.id}, ${formatBytes(event.bytes)}. ${describeQuality(event.quality)}`);
          return EXIT.ok;
        default:
          event satisfies never;
      }
  } finally {
    reporter.end();
    await output.tidy();
  }
  throw new Error('the conversion stopped without saying "done"');
}
