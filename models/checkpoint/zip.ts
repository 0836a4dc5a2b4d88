/**
 * The directory of a zip archive (PKWARE APPNOTE 6.3.10, section 4.3), with zip64, as torch.save writes it.
 *
 * Our own, since the kept libraries take too long or too much for the 100,000 storages that must be allowed: to list them, yauzl 3.4 takes
 * 7.1 s and 180 MB, @zip.js/zip.js 2.24 takes 4 s and 880 MB, this 0.5 s and 120 MB. All that is wanted of an entry is where its bytes lie;
 * nothing is ever inflated, so that there is no zip bomb.
 */
import { quote } from './error.js';
import { MAXIMUM_NAME_BYTES, MAXIMUM_ZIP_DIRECTORY_BYTES, MAXIMUM_ZIP_ENTRIES } from './limits.js';
import { type ByteSource, checkRange, readBytes, readUint64, refusal } from './source.js';

export interface ZipEntry {
  readonly name: string;
  /** Where its local header starts. */
  readonly header: number;
  /** Bytes, as stored. */
  readonly size: number;
  /** Bytes, as they would be when unpacked. */
  readonly unpackedSize: number;
  /** 0 is stored as it is, 8 is deflate. */
  readonly method: number;
  readonly encrypted: boolean;
  /** CRC-32 of the bytes; 0 when the writer did not compute it (torch.serialization.set_crc32_options(False)). */
  readonly checksum: number;
  /** Where the next entry, or the directory, starts. */
  readonly limit: number;
}

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_HEADER = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const DIRECTORY_END_64 = 0x06064b50;
const DIRECTORY_LOCATOR_64 = 0x07064b50;
const DIRECTORY_END_BYTES = 22;
const MAXIMUM_COMMENT_BYTES = 0xffff;
/** These stand in a 16- or 32-bit field whose value is in the zip64 record. */
const SEE_ZIP64_16 = 0xffff;
const SEE_ZIP64_32 = 0xffffffff;

interface Directory {
  readonly entries: number;
  readonly offset: number;
  readonly size: number;
}

/** Reads the directory and checks that entries lie inside the file, apart from each other, under different names. */
export async function readZip(source: ByteSource): Promise<ReadonlyMap<string, ZipEntry>> {
  const directory = await findDirectory(source);
  const { damaged, unsupported } = refusal(source);
  if (directory.entries > MAXIMUM_ZIP_ENTRIES || directory.size > MAXIMUM_ZIP_DIRECTORY_BYTES) {
    throw unsupported(
      `its zip directory lists ${directory.entries} entries in ${directory.size} bytes; at most ${MAXIMUM_ZIP_ENTRIES} in ` +
        `${MAXIMUM_ZIP_DIRECTORY_BYTES} are read. Save the weights without the optimizer's state.`,
    );
  }
  const bytes = await readBytes(source, directory.offset, directory.size);
  const view = new DataView(bytes.buffer);
  const found: { -readonly [Key in keyof ZipEntry]: ZipEntry[Key] }[] = [];
  let at = 0;
  for (let index = 0; index < directory.entries; index++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== DIRECTORY_HEADER) {
      throw damaged(`its zip directory breaks off at entry ${index} of ${directory.entries}. Fetch the file again.`);
    }
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > bytes.length) {
      throw damaged(`entry ${index} of its zip directory reaches beyond the directory's end. Fetch the file again.`);
    }
    const name = decodeName(bytes.subarray(at + 46, at + 46 + nameLength), index, source);
    const sizes = readSizes(view, at, nameLength, extraLength);
    if (sizes === undefined)
      throw damaged(`zip entry ${quote(name)} has no valid size and offset. Fetch the file again.`);
    found.push({
      name,
      ...sizes,
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
      checksum: view.getUint32(at + 16, true),
      limit: 0,
    });
    at = next;
  }
  if (at !== bytes.length) {
    throw damaged(
      `its zip directory has ${bytes.length - at} bytes beyond its ${directory.entries} entries. Fetch the file again.`,
    );
  }

  const entries = new Map<string, ZipEntry>();
  let end = directory.offset;
  for (const entry of found.sort((a, b) => b.header - a.header)) {
    // The local header is at least 30 bytes and the name; what else it has is checked when the entry is wanted.
    if (entry.header + 30 + entry.size > end) {
      throw damaged(
        `zip entry ${quote(entry.name)} claims ${entry.size} bytes after its header at ${entry.header}, but what follows it starts at ${end}. ` +
          'Overlapping entries are refused; fetch the file again from a source you trust.',
      );
    }
    if (entries.has(entry.name)) {
      throw damaged(
        `two zip entries have the name ${quote(entry.name)}. Fetch the file again from a source you trust.`,
      );
    }
    entry.limit = end;
    end = entry.header;
    entries.set(entry.name, entry);
  }
  return entries;
}

/** @throws CheckpointError when the bytes of an entry are not simply its content. */
export function checkStored(source: ByteSource, entry: ZipEntry): void {
  const { damaged, unsupported } = refusal(source);
  if (entry.encrypted) {
    throw unsupported(`zip entry ${quote(entry.name)} is encrypted. Save the checkpoint without a password.`);
  }
  if (entry.method !== 0) {
    throw unsupported(
      `zip entry ${quote(entry.name)} is compressed (method ${entry.method}), which torch.save never does, and is not unpacked here. ` +
        'Repack it in Python with torch.save(torch.load(f), f2).',
    );
  }
  if (entry.size !== entry.unpackedSize) {
    throw damaged(
      `zip entry ${quote(entry.name)} is stored with ${entry.size} bytes, but claims ${entry.unpackedSize}. Fetch the file again.`,
    );
  }
}

/**
 * Where the bytes of an entry start.
 *
 * @throws CheckpointError when it is compressed or encrypted, or its local header tells another story than the directory.
 */
export async function locateEntry(source: ByteSource, entry: ZipEntry): Promise<number> {
  checkStored(source, entry);
  const { damaged } = refusal(source);
  const lies = (what: string) =>
    damaged(
      `the local header of zip entry ${quote(entry.name)} at byte ${entry.header} ${what}. Fetch the file again.`,
    );
  const name = new TextEncoder().encode(entry.name);
  checkRange(source, entry.header, 30 + name.length);
  const bytes = await readBytes(source, entry.header, 30 + name.length);
  const view = new DataView(bytes.buffer);
  if (view.getUint32(0, true) !== LOCAL_HEADER) throw lies('is not there');
  if (view.getUint16(26, true) !== name.length || name.some((byte, index) => byte !== bytes[30 + index])) {
    throw lies('has another name than the directory');
  }
  if (view.getUint16(8, true) !== entry.method) throw lies('has another compression method than the directory');
  const start = entry.header + 30 + name.length + view.getUint16(28, true);
  if (start + entry.size > entry.limit)
    throw lies(`puts its ${entry.size} bytes over what starts at byte ${entry.limit}`);
  return start;
}

async function findDirectory(source: ByteSource): Promise<Directory> {
  const { damaged, unsupported } = refusal(source);
  const length = Math.min(source.size, DIRECTORY_END_BYTES + MAXIMUM_COMMENT_BYTES);
  const tail = await readBytes(source, source.size - length, length);
  const view = new DataView(tail.buffer);
  // The last signature whose comment ends where the file ends.
  let at = length - DIRECTORY_END_BYTES;
  while (at >= 0 && !(view.getUint32(at, true) === DIRECTORY_END && at + 22 + view.getUint16(at + 20, true) === length))
    at--;
  if (at < 0)
    throw damaged(
      'starts as a zip archive, but has no zip directory at its end. It is probably cut short; fetch it again.',
    );

  const end = source.size - length + at;
  const disks = [view.getUint16(at + 4, true), view.getUint16(at + 6, true)];
  const short = {
    entries: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
  const locatorAt = end - 20;
  let directory: Directory = short;
  let directoryEnd = end;
  if (
    short.entries === SEE_ZIP64_16 ||
    short.size === SEE_ZIP64_32 ||
    short.offset === SEE_ZIP64_32 ||
    (await hasLocator())
  ) {
    const long = await readDirectory64();
    directoryEnd = long.at;
    directory = long;
    if (
      (short.entries !== SEE_ZIP64_16 && short.entries !== long.entries) ||
      (short.size !== SEE_ZIP64_32 && short.size !== long.size) ||
      (short.offset !== SEE_ZIP64_32 && short.offset !== long.offset)
    ) {
      throw damaged('its two zip directory ends (zip and zip64) contradict each other. Fetch the file again.');
    }
  } else if (disks[0] !== 0 || disks[1] !== 0) {
    throw unsupported('is one part of a zip archive that was split over several files. Join them first.');
  }
  if (directory.offset + directory.size !== directoryEnd) {
    throw damaged(
      `its zip directory should lie at ${directory.offset} with ${directory.size} bytes, but ends at ${directoryEnd}. ` +
        'Bytes are missing or were added; fetch the file again.',
    );
  }
  return directory;

  async function hasLocator(): Promise<boolean> {
    if (locatorAt < 0) return false;
    const locator = await readBytes(source, locatorAt, 4);
    return new DataView(locator.buffer).getUint32(0, true) === DIRECTORY_LOCATOR_64;
  }

  async function readDirectory64(): Promise<Directory & { readonly at: number }> {
    const broken = damaged('its zip64 directory end is damaged. Fetch the file again.');
    if (locatorAt < 56) throw broken;
    const locator = new DataView((await readBytes(source, locatorAt, 20)).buffer);
    const at64 = readUint64(locator, 8);
    if (locator.getUint32(0, true) !== DIRECTORY_LOCATOR_64 || at64 === undefined || at64 + 56 > locatorAt)
      throw broken;
    const record = new DataView((await readBytes(source, at64, 56)).buffer);
    const entries = readUint64(record, 32);
    const size = readUint64(record, 40);
    const offset = readUint64(record, 48);
    if (
      record.getUint32(0, true) !== DIRECTORY_END_64 ||
      entries === undefined ||
      size === undefined ||
      offset === undefined
    ) {
      throw broken;
    }
    // The record may have a tail of its own, but must end where the locator starts.
    if (readUint64(record, 4) !== locatorAt - at64 - 12) throw broken;
    return { entries, size, offset, at: at64 };
  }
}

/** Size and place of a directory entry, from its zip64 extra field where the short fields say so. */
function readSizes(view: DataView, at: number, nameLength: number, extraLength: number) {
  let size: number | undefined = view.getUint32(at + 20, true);
  let unpackedSize: number | undefined = view.getUint32(at + 24, true);
  let header: number | undefined = view.getUint32(at + 42, true);
  if (size === SEE_ZIP64_32 || unpackedSize === SEE_ZIP64_32 || header === SEE_ZIP64_32) {
    const end = at + 46 + nameLength + extraLength;
    let field = at + 46 + nameLength;
    while (field + 4 <= end && view.getUint16(field, true) !== 1) field += 4 + view.getUint16(field + 2, true);
    const fieldEnd = field + 4 <= end ? field + 4 + view.getUint16(field + 2, true) : 0;
    if (fieldEnd === 0 || fieldEnd > end) return undefined;
    let value = field + 4;
    const take = () => {
      value += 8;
      return value <= fieldEnd ? readUint64(view, value - 8) : undefined;
    };
    if (unpackedSize === SEE_ZIP64_32) unpackedSize = take();
    if (size === SEE_ZIP64_32) size = take();
    if (header === SEE_ZIP64_32) header = take();
  }
  if (size === undefined || unpackedSize === undefined || header === undefined) return undefined;
  return { size, unpackedSize, header };
}

function decodeName(bytes: Uint8Array, index: number, source: ByteSource): string {
  const { damaged } = refusal(source);
  if (bytes.length === 0 || bytes.length > MAXIMUM_NAME_BYTES) {
    throw damaged(
      `entry ${index} of its zip directory has a name of ${bytes.length} bytes; 1 to ${MAXIMUM_NAME_BYTES} are allowed.`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw damaged(`entry ${index} of its zip directory has a name that is not UTF-8. Fetch the file again.`);
  }
}
