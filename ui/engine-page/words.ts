/** What the page by itself says about devices and storage. */
import type { Pack } from '../../models/pack.js';
import type { Shelf } from './messages.js';

export const sizeOf = (pack: Pack): number => pack.files.reduce((sum, { size }) => sum + size, 0);

/** Bytes as people say them. */
export function sizeWords(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`;
  if (bytes < 1e5) return 'less than 0.1 MB';
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

/** How much room models take, how much there is, and what that means. */
export function roomWords({ stored, used, quota }: Pick<Shelf, 'stored' | 'used' | 'quota'>): string {
  const models = stored.length === 1 ? 'One model takes' : `${stored.length} models take`;
  const now =
    stored.length > 0
      ? `${models} ${sizeWords(used)}.`
      : used < 1e5
        ? 'No model is stored yet. The first image downloads one.'
        : `No model is stored yet. An unfinished download takes ${sizeWords(used)}; the first image continues it.`;
  const most = quota === null ? '' : `The browser allows up to ${sizeWords(quota)}.`;
  return [now, most, 'It may remove models when the disk is full. They are then downloaded again.']
    .filter(Boolean)
    .join(' ');
}
