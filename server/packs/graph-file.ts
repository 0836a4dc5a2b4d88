/** Graphs of packs on disk, looked at before ONNX Runtime sees them: of a gigabyte of weights only the headers are read. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Pack } from '../../models/pack.js';
import { checkGraph } from '../../models/run/graph-check.js';

/** The structure of a graph is some of these, and each large tensor one more. */
const PIECE = 2 ** 16;

/**
 * Reads wait, because a graph has some hundred pieces, which lie in memory after the file was hashed.
 *
 * @throws GenerateError `damaged-pack` that says what is not allowed
 */
export function checkGraphFile(folder: string, pack: Pack, path: string): void {
  // As models/onnx/write.ts calls it. Only a file of the pack is one that was hashed, and no link.
  const beside = `${path}.data`;
  const listed = pack.files.some((file) => file.path === beside);
  const file = openSync(join(folder, path), 'r');
  try {
    checkGraph(inPieces(file), `${pack.id}/${path}`, listed ? beside.slice(beside.lastIndexOf('/') + 1) : null);
  } finally {
    closeSync(file);
  }
}

/** The file as if it were in memory. */
function inPieces(file: number) {
  const piece = Buffer.alloc(PIECE);
  let at = 0;
  let have = 0;
  return {
    length: fstatSync(file).size,
    subarray(start: number, end: number): Uint8Array {
      if (start < at || end > at + have) {
        at = start;
        have = readSync(file, piece, 0, PIECE, start);
      }
      return piece.subarray(start - at, Math.min(end - at, have));
    },
  };
}
