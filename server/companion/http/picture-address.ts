/** Addresses of finished pictures that work without a token, as answers give them out. */
import type { OutputFormat } from '../../../models/api.js';
import type { Tokens } from '../auth/tokens.js';

/** @returns the path, with the key that proves that it was given out here */
export function pictureAddress(
  tokens: Tokens,
  { job, index }: { readonly job: string; readonly index: number },
  format: OutputFormat,
): string {
  const path = `/v1/jobs/${job}/pictures/${index}`;
  return `${path}.${format}?key=${tokens.sign(path)}`;
}
