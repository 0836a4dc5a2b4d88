/** A pack becomes another whose weights are stored otherwise, with what that costs measured and written into it. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { graphsOf } from '../../families/packs.js';
import { storeOfTable } from '../../onnx/ops/look-up.js';
import { readModel } from '../../onnx/read.js';
import { writeModel } from '../../onnx/write.js';
import type { GraphRole, Pack, PackFile } from '../../pack.js';
import type { OpenPack } from '../../run/open.js';
import { asPack } from '../describe-pack.js';
import { ImportError } from '../recipe.js';
import { STORAGE, type StorageName } from '../storage.js';
import { watch } from '../watch.js';
import { openWorkspace, type Workspace } from '../workspace.js';
import { answer, compareAnswers, type Quality } from './quality.js';
import { restoreModel, type Wanted } from './restore.js';

export type ConvertJob = {
  /** A pack as it was imported with `exact`, verified. */
  readonly folder: string;
  readonly pack: Pack;
  readonly storage: Exclude<StorageName, 'exact'>;
  readonly out: string;
  /** Noises that both packs draw for the comparison; 0 leaves it out. */
  readonly noises: number;
  /** Opens a pack's folder for drawing. */
  open(folder: string, pack: Pack): OpenPack;
};

export type ConvertEvent =
  | { readonly type: 'progress'; readonly label: string; readonly fraction: number }
  | {
      readonly type: 'done';
      readonly id: string;
      readonly folder: string;
      readonly bytes: number;
      readonly quality: Quality | null;
    };

/** Parts of the work, of 1. */
const SHARES = { writing: 0.5, exact: 0.25, rounded: 0.25 } as const;

/** @throws ImportError, GraphError: sentences that say what does not fit */
export async function* convertPack(job: ConvertJob, signal: AbortSignal): AsyncGenerator<ConvertEvent, void> {
  const { pack, storage, out } = job;
  const before = pack.precision?.storage ?? 'exact';
  if (before !== 'exact')
    throw new ImportError(
      `Pack ${pack.id} is stored as "${before}" already; convert the one that was imported as "exact".`,
    );
  // An id that is too long is said now, not after gigabytes.
  describe(job, pack.files, null);
  const identity = pack.files.map(({ path, sha256 }) => [path, sha256]);
  const workspace = await openWorkspace(out, JSON.stringify(['convert', storage, identity]));
  try {
    yield* convert(job, workspace, signal);
  } catch (error) {
    if (!signal.aborted) await workspace.discard();
    throw error;
  } finally {
    await workspace.release();
  }
}

async function* convert(
  job: ConvertJob,
  workspace: Workspace,
  signal: AbortSignal,
): AsyncGenerator<ConvertEvent, void> {
  const { folder, pack, storage } = job;
  const graphs = wantedOf(pack, storage);
  const total = pack.files.reduce((sum, { size }) => sum + size, 1);
  const files: PackFile[] = [];
  let done = 0;
  for (const file of pack.files) {
    const wanted = graphs.get(file.path);
    // Data files are written anew with their graph.
    if (!wanted && graphs.has(file.path.replace(/\.data$/, ''))) continue;
    const make = async () => {
      await mkdir(dirname(join(workspace.folder, file.path)), { recursive: true });
      if (wanted) {
        const graph = restoreModel(await readModel(folder, file.path), wanted);
        return writeModel(graph, { folder: workspace.folder, file: file.path, signal });
      }
      await copyFile(join(folder, file.path), join(workspace.folder, file.path));
      return [file];
    };
    const progress = (): ConvertEvent => ({
      type: 'progress',
      label: `writing ${file.path}`,
      fraction: (SHARES.writing * done) / total,
    });
    files.push(...(yield* watch(workspace.part(file.path, make), progress)));
    signal.throwIfAborted();
    done += file.size;
  }
  const quality = job.noises > 0 ? yield* measure(job, workspace.folder, describe(job, files, null), signal) : null;
  const made = describe(job, files, quality);
  await writeFile(join(workspace.folder, 'pack.json'), `${JSON.stringify(made, null, 2)}\n`);
  await workspace.finish();
  const bytes = made.files.reduce((sum, { size }) => sum + size, 0);
  yield { type: 'done', id: made.id, folder: job.out, bytes, quality };
}

/** @throws ImportError when the longer name is none */
function describe({ pack, storage }: ConvertJob, files: PackFile[], quality: Quality | null): Pack {
  return asPack({
    ...pack,
    id: `${pack.id}-${storage}`,
    name: `${pack.name} (${storage})`,
    precision: { storage, providers: [...STORAGE[storage].providers], quality },
    files,
  });
}

/** One pack after the other: at full size both together would not fit. */
async function* measure(
  { folder, pack, noises, open }: ConvertJob,
  madeFolder: string,
  made: Pack,
  signal: AbortSignal,
): AsyncGenerator<ConvertEvent, Quality | null> {
  const prompt = pack.ideas[0] ?? 'a picture';
  const ask = async function* (opened: OpenPack, label: string, from: number, share: number) {
    try {
      const run = answer(opened, noises, prompt);
      let step = await run.next();
      for (; !step.done; step = await run.next()) {
        signal.throwIfAborted();
        yield { type: 'progress', label, fraction: from + (share * step.value) / noises } as const;
      }
      return step.value;
    } finally {
      await opened.close();
    }
  };
  const exact = yield* ask(open(folder, pack), 'drawing with the exact weights', SHARES.writing, SHARES.exact);
  if (!exact) return null;
  const from = SHARES.writing + SHARES.exact;
  const rounded = yield* ask(open(madeFolder, made), 'drawing with the rounded weights', from, SHARES.rounded);
  return rounded && compareAnswers(exact, rounded);
}

/** The graphs of a pack and what becomes of their weights. */
function wantedOf(pack: Pack, name: StorageName): ReadonlyMap<string, Wanted> {
  const storage = STORAGE[name];
  const { decoder: kernels } = storage;
  const wanted = {
    transformer: { products: storage.transformer, kernels, tables: kernels },
    text: { products: storage.text, kernels, tables: storeOfTable(storage.text) },
    decoder: { products: 'float32', kernels, tables: kernels },
    encoder: { products: 'float32', kernels: storage.encoder, tables: kernels },
  } as const satisfies Record<Exclude<GraphRole, 'exact'>, Wanted>;
  return new Map(graphsOf(pack).flatMap(({ path, role }) => (role === 'exact' ? [] : [[path, wanted[role]]])));
}
