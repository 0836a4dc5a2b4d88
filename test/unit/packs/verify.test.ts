/** What is checked of a pack on disk before anything is computed with it. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGraph } from '../../../models/onnx/graph.js';
import { linear } from '../../../models/onnx/ops/linear.js';
import { ModelProtoSchema, NodeProtoSchema } from '../../../models/onnx/proto/onnx_pb.js';
import { weightOf } from '../../../models/onnx/weight.js';
import { writeModel } from '../../../models/onnx/write.js';
import { type PackFolder, type VerifyProgress, verifyPack } from '../../../server/packs/folder.js';
import { describePack, writePack } from '../../support/packs.js';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'twostep-verify-'));
  folder = writePack(join(root, 'pack'));
  vi.stubEnv('TWOSTEP_CACHE', join(root, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const fileOf = (path: string) => {
  const bytes = readFileSync(join(folder, path));
  return { path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
};

/** The pack as it is on disk, hashes and all, as a stranger would give it. */
const asFound = (): PackFolder => ({
  folder,
  pack: describePack({
    files: readdirSync(folder)
      .filter((name) => name !== 'pack.json')
      .map(fileOf),
  }),
});

/** A student with weights of 128 kB in a file beside it. */
async function writeStudent(): Promise<void> {
  const graph = createGraph('student');
  const weight = weightOf([256, 128], new Float32Array(256 * 128));
  graph.output('y', linear(graph.input('x', 'float32', ['n', 128]), 'w', weight));
  await writeModel(graph, { folder, file: 'student.onnx', externalAbove: 0 });
}

describe('a graph of a pack', () => {
  it('may have its weights beside it, as our own have', async () => {
    await writeStudent();
    expect(existsSync(join(folder, 'student.onnx.data'))).toBe(true);
    await verifyPack(asFound());
  });

  it('may not have them in a file that the pack does not list, which nobody hashed', async () => {
    await writeStudent();
    const { pack } = asFound();
    const files = pack.files.filter(({ path }) => !path.endsWith('.data'));
    await expect(verifyPack({ folder, pack: { ...pack, files } })).rejects.toThrow(
      'The graph "test-pack/student.onnx" is refused: its weights lie in another file.',
    );
  });

  it('may not have them elsewhere', async () => {
    await writeStudent();
    const model = readFileSync(join(folder, 'student.onnx'), 'latin1');
    writeFileSync(join(folder, 'student.onnx'), model.replaceAll('student.onnx.data', '../student.secret'), 'latin1');
    await expect(verifyPack(asFound())).rejects.toThrow(/lie in another file than "student.onnx.data"/);
  });

  describe('that brings an operator of its own', () => {
    beforeEach(() => {
      const model = fromBinary(ModelProtoSchema, readFileSync(join(folder, 'decoder.onnx')));
      model.graph?.node.push(create(NodeProtoSchema, { opType: 'Loop' }));
      writeFileSync(join(folder, 'decoder.onnx'), toBinary(ModelProtoSchema, model));
    });

    it('is refused, every time', async () => {
      for (let time = 0; time < 2; time += 1)
        await expect(verifyPack(asFound())).rejects.toThrow(
          'The graph "test-pack/decoder.onnx" is refused: the operator "Loop" is not among those that pictures need.',
        );
    });

    it('is refused although a version that looked at no graphs found it sound', async () => {
      const found = asFound();
      const stamps = found.pack.files.map(({ path, sha256 }) => {
        const { size, mtimeMs, ctimeMs, ino } = statSync(join(folder, path));
        return [path, [sha256, size, mtimeMs, ctimeMs, ino].join(' ')];
      });
      const name = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 32);
      mkdirSync(join(root, 'cache', 'verified'), { recursive: true });
      writeFileSync(join(root, 'cache', 'verified', `${name}.json`), JSON.stringify(Object.fromEntries(stamps)));
      await expect(verifyPack(found)).rejects.toThrow(/"Loop"/);
    });
  });
});

describe('a file of many megabytes', () => {
  const SIZE = 24e6;
  beforeEach(() => writeFileSync(join(folder, 'codebook.f32'), new Uint8Array(SIZE)));

  it('is told of while it is read', async () => {
    const seen: Parameters<VerifyProgress>[0][] = [];
    await verifyPack(asFound(), { onProgress: (progress) => seen.push(progress) });
    const bytes = seen.map((progress) => progress.bytes);
    expect(bytes).toEqual([...bytes].sort((a, b) => a - b));
    expect(bytes.at(-1)).toBe(seen[0]?.total);
    expect(seen.filter(({ path }) => path === 'codebook.f32').length).toBeGreaterThan(3);
  });

  it('is left in the middle when it is cancelled, and what was read before it is not read again', async () => {
    const stop = new AbortController();
    const reached: number[] = [];
    const onProgress: VerifyProgress = ({ bytes, path }) => {
      reached.push(bytes);
      if (path === 'codebook.f32') stop.abort();
    };
    // The largest last.
    const { pack } = asFound();
    const found = { folder, pack: { ...pack, files: [...pack.files].sort((a, b) => a.size - b.size) } };
    await expect(verifyPack(found, { signal: stop.signal, onProgress })).rejects.toThrow(/abort/i);
    expect(Math.max(...reached)).toBeLessThan(SIZE);
    const [stamps] = readdirSync(join(root, 'cache', 'verified'));
    expect(
      Object.keys(JSON.parse(readFileSync(join(root, 'cache', 'verified', stamps as string), 'utf8'))),
    ).toHaveLength(4);
  });
});
