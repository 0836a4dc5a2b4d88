/** `twostep pack list | info | verify`: what is at hand, what it is, and whether it is sound. */
import { familyOf } from '../../models/families/packs.js';
import type { Pack } from '../../models/pack.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import type { Reporter } from '../node/reporter.js';
import { type PackFolder, verifyPack } from '../packs/folder.js';
import { findPack, listPacks } from '../packs/list.js';
import { userPackFolder } from '../packs/places.js';

export type PackDependencies = { readonly reporter: Reporter; readonly signal: AbortSignal };

export async function runPackList({ reporter }: PackDependencies): Promise<ExitCode> {
  const listed = await listPacks();
  const ready = listed.filter((pack) => pack.state === 'ready');
  const broken = listed.filter((pack) => pack.state === 'broken');
  const width = Math.max(0, ...ready.map(({ pack }) => pack.id.length));
  for (const { folder, pack, embedded } of ready)
    reporter.result(
      { type: 'pack', id: pack.id, name: pack.name, folder, embedded, bytes: bytesOf(pack) },
      `${pack.id.padEnd(width)}  ${formatBytes(bytesOf(pack)).padStart(8)}  ${pack.name}`,
    );
  for (const { folder, reason } of broken) reporter.note({ type: 'damaged', folder, message: reason }, reason);
  if (listed.length === 0) {
    const folder = userPackFolder();
    reporter.note(
      { type: 'empty', folder },
      `There is no pack yet. "twostep import" makes one; they are kept in ${folder}.`,
    );
  }
  return broken.length > 0 ? EXIT.pack : EXIT.ok;
}

/** @param wanted folder or id; undefined means the best at hand */
export async function runPackInfo(wanted: string | undefined, { reporter }: PackDependencies): Promise<ExitCode> {
  const found = await findPack(wanted);
  reporter.result({ type: 'pack', folder: found.folder, pack: found.pack }, describePack(found));
  return EXIT.ok;
}

/** Reads every byte, whatever is remembered of the pack. */
export async function runPackVerify(wanted: string | undefined, dependencies: PackDependencies): Promise<ExitCode> {
  const { reporter, signal } = dependencies;
  const found = await findPack(wanted);
  await verifyPack(found, {
    again: true,
    signal,
    onProgress: ({ bytes, total, path }) =>
      reporter.progress(
        { type: 'progress', bytes, total, path },
        { label: path, fraction: total > 0 ? bytes / total : 1 },
      ),
  });
  reporter.end();
  const { id, files } = found.pack;
  const bytes = bytesOf(found.pack);
  reporter.result(
    { type: 'sound', id, files: files.length, bytes },
    `${id}: ${files.length} files, ${formatBytes(bytes)}, all sound`,
  );
  return EXIT.ok;
}

function describePack({ folder, pack }: PackFolder): string {
  const { condition, size, licence } = pack;
  const facts: (readonly [string, string])[] = [
    ['id', pack.id],
    ['name', pack.name],
    ['draws', pack.description],
    [
      'from',
      condition.kind === 'text' ? `text, at most ${condition.tokens} tokens` : `one of ${condition.classes} classes`,
    ],
    ['pictures', `${size.width} x ${size.height} pixels`],
    ['family', pack.family.kind],
    ...familyOf(pack).describe(pack),
    ['licence', `${licence.spdx}${licence.notice ? `: ${licence.notice}` : ''}`],
    [
      'weights',
      pack.precision
        ? `${pack.precision.storage}, for ${pack.precision.providers.join(', ')}. ${describeQuality(pack.precision.quality)}`
        : 'not told how they are stored',
    ],
    ['recipe', pack.provenance.recipe],
    ['size', `${formatBytes(bytesOf(pack))} in ${pack.files.length} files`],
    ['folder', folder],
  ];
  return facts.map(([name, value]) => `${name.padEnd(8)}  ${value}`).join('\n');
}

/** What rounding the weights cost, in a sentence. */
export function describeQuality(quality: NonNullable<Pack['precision']>['quality']): string {
  if (!quality) return 'What rounding costs was not measured.';
  const { noises, logits, codes, psnr } = quality;
  const error = logits === null ? '' : `, logits off by ${(logits * 100).toFixed(1)} %`;
  const pictures = psnr === null ? 'pictures the same' : `pictures ${psnr.toFixed(1)} dB apart`;
  return `Against the exact weights, ${noises} noises: ${(codes * 100).toFixed(1)} % equal codes${error}, ${pictures}.`;
}

const bytesOf = (pack: Pack) => pack.files.reduce((sum, { size }) => sum + size, 0);

/** @param bytes shown as "812 B", "1.4 MB", "3.0 GB" */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
