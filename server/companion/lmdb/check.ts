/**
 * Whether an LMDB file is sound, found out by reading it as any other file. LMDB itself maps the file and trusts every number
 * in it: a page that is missing or overwritten ends the process by a signal, which no code of ours could catch.
 *
 * Layout: LMDB 0.9.90 as in lmdb 3.x (dependencies/lmdb/libraries/liblmdb/mdb.c), 64 bits, little-endian. Pages 0 and 1 hold the
 * two last states; the newer one counts. From there each page is reachable exactly once: in a tree, or in the list of free pages.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes */
const PAGE_HEADER = 24;
const NODE_HEADER = 8;
const RECORD = 48;
/** MDB_page_header.mh_flags */
const PAGE = { branch: 0x01, leaf: 0x02, overflow: 0x04, meta: 0x08 } as const;
/** MDB_node.mn_flags */
const NODE = { big: 0x01, tree: 0x02 } as const;
const MAGIC = 0xbeefc0de;
const VERSION = 2;
/** No tree of LMDB is deeper (CURSOR_STACK). */
const DEEPEST = 32;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

class Damage extends Error {}

type Tree = { readonly depth: number; readonly entries: number; readonly root: number | null };
type Meta = {
  readonly pageSize: number;
  readonly mapSize: number;
  readonly free: Tree;
  readonly main: Tree;
  readonly lastPage: number;
  readonly transaction: number;
};
type Node = { readonly flags: number; readonly key: Buffer; readonly data: Buffer; readonly size: number };

/**
 * @param path of a data.mdb that nobody writes to meanwhile
 * @returns what is wrong with it, in a few words; null when it is sound
 */
export function findDamage(path: string): string | null {
  const file = openSync(path, 'r');
  try {
    checkFile(file, fstatSync(file).size);
    return null;
  } catch (error) {
    if (error instanceof Damage) return error.message;
    // A number that is none of ours led outside of a page.
    if (error instanceof RangeError) return 'a page holds nonsense';
    throw error;
  } finally {
    closeSync(file);
  }
}

function checkFile(file: number, length: number): void {
  const meta = readMeta(file);
  const { pageSize, lastPage } = meta;
  if ((lastPage + 1) * pageSize > meta.mapSize) fail('its size is not what it says');
  /** Pages that were met. */
  const seen = new Uint8Array(lastPage + 1);
  seen.fill(1, 0, 2);
  const buffer = Buffer.alloc(pageSize);

  function claim(page: number, count = 1): void {
    if (page < 2 || count < 1 || page + count > seen.length) fail('a page is named that is not there');
    if (seen.subarray(page, page + count).some((one) => one !== 0)) fail('a page belongs to two trees');
    seen.fill(1, page, page + count);
  }

  /** The page as it is on disk, with the number and the kind that it must have. */
  function load(page: number, bytes = pageSize): Buffer {
    if ((page + 1) * pageSize > length) fail('its end is missing');
    const target = bytes === pageSize ? Buffer.alloc(pageSize) : buffer.subarray(0, bytes);
    if (readSync(file, target, 0, bytes, page * pageSize) !== bytes) fail('its end is missing');
    if (Number(target.readBigUInt64LE(0)) !== page) fail('a page is another one');
    // A page of a transaction to come would be taken for one that may be written to where it is.
    if (Number(target.readBigUInt64LE(8)) > meta.transaction) fail('a page is from the future');
    return target;
  }

  function* nodesOf(page: Buffer): Generator<Node> {
    const [lower, upper] = [page.readUInt16LE(20) + PAGE_HEADER, page.readUInt16LE(22) + PAGE_HEADER];
    if (lower > upper || upper > pageSize) fail('a page holds nonsense');
    const isLeaf = page.readUInt16LE(18) === PAGE.leaf;
    for (let at = PAGE_HEADER; at < lower; at += 2) {
      const start = page.readUInt16LE(at) + PAGE_HEADER;
      if (start < upper || start + NODE_HEADER > pageSize) fail('a page holds nonsense');
      const size = page.readUInt16LE(start) + page.readUInt16LE(start + 2) * 0x1_0000;
      const flags = page.readUInt16LE(start + 4);
      const data = start + NODE_HEADER + page.readUInt16LE(start + 6);
      const end = !isLeaf ? data : data + (flags & NODE.big ? PAGE_HEADER : size);
      if (end > pageSize) fail('a page holds nonsense');
      yield { flags, size, key: page.subarray(start + NODE_HEADER, data), data: page.subarray(data, end) };
    }
  }

  function checkBig({ data, size }: Node): void {
    const [page, pages] = [Number(data.readBigUInt64LE(0)), Number(data.readBigUInt64LE(16))];
    claim(page, pages);
    if (pages * pageSize < size + PAGE_HEADER || (page + pages) * pageSize > length) fail('its end is missing');
    const header = load(page, PAGE_HEADER);
    if (header.readUInt16LE(18) !== PAGE.overflow || header.readUInt32LE(20) !== pages) fail('a page is another one');
  }

  /** @param order of keys  @param onEntry is told of each entry whose value is neither big nor a tree */
  function walk(tree: Tree, order: (a: Buffer, b: Buffer) => number, onEntry?: (node: Node) => void): void {
    let entries = 0;
    let last: Buffer | undefined;
    const visit = (number: number, level: number): void => {
      claim(number);
      const page = load(number);
      const kind = page.readUInt16LE(18);
      if (kind !== (level === tree.depth ? PAGE.leaf : PAGE.branch)) fail('a page is of another kind');
      let first = true;
      for (const node of nodesOf(page)) {
        if (kind === PAGE.branch) {
          // The first key of a branch is left out by LMDB.
          if (!first && last && order(last, node.key) >= 0) fail('its keys are not in order');
          first = false;
          visit(node.size + node.flags * 0x1_0000_0000, level + 1);
          continue;
        }
        if (last && order(last, node.key) >= 0) fail('its keys are not in order');
        last = Buffer.from(node.key);
        entries += 1;
        if (node.flags === NODE.big) checkBig(node);
        else if (node.flags === NODE.tree) walk(readTree(node.data, 0), Buffer.compare);
        else if (node.flags !== 0) fail('an entry is of a kind that we do not write');
        if (node.flags !== NODE.tree) onEntry?.(node);
      }
    };
    if (tree.root !== null) visit(tree.root, 1);
    if (entries !== tree.entries) fail('entries are missing');
  }

  walk(meta.main, Buffer.compare);
  // The list of free pages: numbers of transactions, and under each how many pages it gave up, and which.
  walk(
    meta.free,
    (a, b) => Number(a.readBigUInt64LE(0) - b.readBigUInt64LE(0)),
    (node) => checkFree(node),
  );

  function checkFree({ flags, data, size }: Node): void {
    const list = flags === NODE.big ? readBig(data, size) : data;
    const count = Number(list.readBigUInt64LE(0));
    if (!(count >= 0 && count <= list.length / 8 - 1)) fail('its list of free pages holds nonsense');
    for (let at = 1; at <= count; at += 1) {
      const page = Number(list.readBigInt64LE(at * 8));
      // lmdb-js writes a run of pages as its negative length and its first page; a zero is a place that was emptied.
      if (page < 0) claim(Number(list.readBigInt64LE(++at * 8)), -page);
      else if (page > 0) claim(page);
    }
  }

  function readBig(data: Buffer, size: number): Buffer {
    const list = Buffer.alloc(size);
    const at = Number(data.readBigUInt64LE(0)) * pageSize + PAGE_HEADER;
    if (readSync(file, list, 0, size, at) !== size) fail('its end is missing');
    return list;
  }
}

function readMeta(file: number): Meta {
  const first = readMetaAt(file, 0);
  const second = readMetaAt(file, first.pageSize);
  const newer = first.transaction >= second.transaction ? first : second;
  // Between them lies a copy of what was written through to the disk; LMDB looks at it as well.
  const copy = Buffer.alloc(PAGE_HEADER + 160);
  readSync(file, copy, 0, copy.length, first.pageSize / 2);
  if (first.pageSize !== second.pageSize || Number(copy.readBigUInt64LE(PAGE_HEADER + 128)) > newer.transaction)
    fail('its first pages do not agree');
  return newer;
}

function readMetaAt(file: number, offset: number): Meta {
  const page = Buffer.alloc(PAGE_HEADER + 160);
  if (readSync(file, page, 0, page.length, offset) !== page.length) fail('its end is missing');
  const meta = page.subarray(PAGE_HEADER);
  if (!(page.readUInt16LE(18) & PAGE.meta) || meta.readUInt32LE(0) !== MAGIC) fail('it does not begin as a store does');
  if ((meta.readUInt32LE(4) & 0xffff) !== VERSION) fail('it is of another version');
  const pageSize = meta.readUInt32LE(24);
  if (pageSize < 256 || pageSize > 0x1_0000 || (pageSize & (pageSize - 1)) !== 0) fail('its first page holds nonsense');
  return {
    pageSize,
    mapSize: Number(meta.readBigUInt64LE(16)),
    free: readTree(meta, 24),
    main: readTree(meta, 24 + RECORD),
    lastPage: Number(meta.readBigUInt64LE(120)),
    transaction: Number(meta.readBigUInt64LE(128)),
  };
}

function readTree(bytes: Buffer, at: number): Tree {
  if (bytes.length < at + RECORD) fail('a tree has no beginning');
  const root = bytes.readBigUInt64LE(at + 40);
  const depth = bytes.readUInt16LE(at + 6);
  if (depth > DEEPEST) fail('a tree is too deep');
  return { depth, entries: Number(bytes.readBigUInt64LE(at + 32)), root: root === NO_PAGE ? null : Number(root) };
}

function fail(what: string): never {
  throw new Damage(what);
}
