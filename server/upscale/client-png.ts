/** A client's PNG, by our own reader: no library sees a stranger's file. */
import { KEYWORD, requestTextFromPng } from '../../models/run/metadata.js';
import { encodePng, type RgbImage } from '../../models/run/png.js';
import { decodePng } from '../../models/run/read-png.js';

export type ClientPng = {
  readonly image: RgbImage;
  /** Its pixels as a file of ours, with the request that it carries, whose words say what its colours are. */
  rewritten(): Uint8Array;
};

/** @throws Error with what is wrong with the file */
export function readClientPng(bytes: Uint8Array): ClientPng {
  const image = decodePng(bytes);
  return { image, rewritten: () => encodePng(image, requestIn(bytes)) };
}

function requestIn(bytes: Uint8Array): Record<string, string> {
  try {
    return { [KEYWORD]: requestTextFromPng(bytes) };
  } catch {
    return {};
  }
}
