/** What a file is, by its first bytes: names promise too much, and what is refused should be refused by name. */
import { type ByteSource, readBytes, refusal } from './source.js';

/** The number 0x1950a86a20f9469cfc6c as a protocol 2 pickle: how torch.save began before 1.6 (torch/serialization.py, MAGIC_NUMBER). */
const LEGACY_MAGIC = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

const CONVERT = 'Convert it once, in any recent PyTorch: torch.save(torch.load(f), f2).';

/** @throws CheckpointError that says what the file is, when it is neither. */
export async function checkKind(source: ByteSource): Promise<'torch' | 'safetensors'> {
  const { damaged, unsupported } = refusal(source);
  if (source.size === 0) throw damaged('is empty. Fetch it again.');
  const head = await readBytes(source, 0, Math.min(source.size, 512));
  const starts = (bytes: readonly number[]) => bytes.every((byte, index) => head[index] === byte);
  // A character for each byte; TextDecoder's "latin1" is Windows-1252, which turns the 0x89 of HDF5 into U+2030.
  const text = Buffer.from(head).toString('latin1');
  if (text.startsWith('PK\x03\x04')) return 'torch';
  // A safetensors file is a 64-bit length and then an object.
  if (head[8] === 0x7b) return 'safetensors';
  if (starts(LEGACY_MAGIC))
    throw unsupported(`is in the old format of PyTorch before 1.6, which is not read. ${CONVERT}`);
  if (text.slice(257, 262) === 'ustar') {
    throw unsupported(`is a tar archive, the format of PyTorch before 0.1.10, which is not read. ${CONVERT}`);
  }
  if (head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5) {
    throw unsupported(
      `is a bare pickle, not a file of torch.save. If PyTorch can load it: torch.save(torch.load(f), f2).`,
    );
  }
  if (text.startsWith('version https://git-lfs')) {
    throw damaged('is only a pointer of Git LFS to the real file. Fetch that: git lfs pull.');
  }
  if (/^\s*<(?:!doctype|html|\?xml)/i.test(text)) {
    throw damaged('is a web page, probably an error or a login in place of the download. Fetch the file again.');
  }
  if (text.startsWith('GGUF'))
    throw unsupported('is a GGUF file, which is quantised. Fetch the original .safetensors or .pt.');
  if (text.startsWith('\x89HDF'))
    throw unsupported('is an HDF5 file (Keras, TensorFlow). Fetch the PyTorch or safetensors file.');
  if (text.startsWith('PK')) throw damaged('is an empty or damaged zip archive. Fetch it again.');
  throw damaged('is neither a torch file (zip) nor safetensors. It is damaged or of another kind; fetch it again.');
}
