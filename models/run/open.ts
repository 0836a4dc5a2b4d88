/**
 * A pack, opened: its graphs loaded when first wanted, and what was learned of a prompt kept for the next request.
 * The host hands in ONNX Runtime and a way to the files; nothing here knows whether this is Node or a browser.
 */
import type { InferenceSession } from 'onnxruntime-common';
import { type Family, type FamilySession, findFamily, type PackHandle } from '../families/family.js';
import type { Pack } from '../pack.js';
import { GenerateError } from '../protocol.js';
import type { Vocabulary } from '../vocabulary.js';
import type { Canvas } from './canvas.js';
import { once } from './once.js';
import type { Costs } from './progress.js';
import type { Prompt, TextPrompt } from './prompt.js';
import {
  checkPins,
  encodeText,
  type PromptWarning,
  type ReadText,
  readClass,
  readText,
  readWords,
  sceneOf,
} from './read-prompt.js';
import { recall } from './recall.js';
import { createRuntime, type Graph, type OrtModule } from './runtime.js';
import type { Pins } from './scene/compose-scene.js';
import { separateInk } from './scene/ink.js';
import { placeWithin } from './scene/place-within.js';
import { type Scene, sayScene } from './scene/scene.js';
import { type Labels, parseLabels } from './text/labels.js';
import { openTokenizer } from './text/open-tokenizer.js';
import type { PromptTokenizer } from './text/tokenize.js';
import { viewOf } from './view.js';
import { parseVocabulary } from './vocabulary/parse.js';

/** Where the pack's files come from. Paths are those of pack.json; the files are verified by whoever hands them out. */
export type PackFiles = {
  /** A graph for ONNX Runtime: a path on disk, or bytes. */
  graph(path: string): Promise<string | Uint8Array>;
  read(path: string): Promise<Uint8Array>;
};

export type OpenPackOptions = {
  readonly pack: Pack;
  /** Those that can be drawn here; models/families/all.ts has them all. */
  readonly families: readonly Family[];
  readonly files: PackFiles;
  readonly ort: OrtModule;
  readonly session: InferenceSession.SessionOptions;
  /**
   * Pictures that run as one batch, 1 unless told otherwise. More are faster on a GPU, but products round differently with
   * the number of their rows: the same seed alone and among others may then differ in a bit. On a CPU there is little to gain.
   */
  readonly batch?: number;
};

export type OpenPack = PackHandle & {
  readonly family: Family;
  /** The family's networks of this pack. */
  readonly session: FamilySession;
  readonly batch: number;
  /**
   * Understood, cleaned, tokenised and encoded, or matched to a class.
   *
   * @param how.force read it as it stands, whatever the vocabulary knows of it
   * @param how.canvas of an edit: what a scene is composed into
   */
  readPrompt(
    raw: string,
    how?: { readonly force?: boolean; readonly pins?: Pins; readonly canvas?: Canvas | null },
  ): Promise<ReadPrompt>;
  readonly costs: Costs;
  /** Releases every graph that was loaded, and those that are being loaded once they are. */
  close(): Promise<void>;
};

export type ReadPrompt = {
  readonly warnings: readonly PromptWarning[];
  /** Whether all pictures have the same prompt. Where scenes are composed, each seed has its own. */
  readonly isShared: boolean;
  promptFor(seed: number): Promise<Prompt>;
};

/** At full size the states of a prompt are 1 MB: room for what a person types in a while. */
const REMEMBERED_PROMPTS = 32;

export function openPack(options: OpenPackOptions): OpenPack {
  const { pack, files, families } = options;
  const family = findFamily(families, pack);
  const runtime = createRuntime(options.ort, options.session);
  const graphs: Promise<Graph>[] = [];
  // A graph that a family asks for may be the text encoder, of gigabytes: there is one of each.
  const known = new Map<string, () => Promise<Graph>>();
  const graph = (path: string, how: { mapped?: boolean } = {}) => {
    const load =
      known.get(path) ??
      once(async () => {
        const loading = files.graph(path).then((model) => runtime.load(model, how));
        graphs.push(loading);
        return loading;
      });
    known.set(path, load);
    return load;
  };
  const prompts = recall<TextPrompt>(REMEMBERED_PROMPTS);
  const handle: PackHandle = { pack, graph, read: (path) => files.read(path) };

  const { condition } = pack;
  const encoder =
    condition.kind === 'text' ? graph(condition.encoder, { mapped: isLargeInFloat32(pack, condition.encoder) }) : null;
  const tokenizer = once(async (): Promise<PromptTokenizer> => {
    if (condition.kind !== 'text') throw new RangeError(`pack ${pack.id} reads no text`);
    const json = readJson(await files.read(condition.tokenizer), condition.tokenizer);
    return orDamaged(condition.tokenizer, () => openTokenizer(json, { maximum: condition.tokens }));
  });
  const labels = once(async (): Promise<Labels> => {
    if (condition.kind !== 'class') throw new RangeError(`pack ${pack.id} has no classes`);
    const json = readJson(await files.read(condition.labels), condition.labels);
    return orDamaged(condition.labels, () => parseLabels(json));
  });

  const vocabulary = once(async (): Promise<Vocabulary> => {
    const path = pack.vocabulary ?? '';
    const json = readJson(await files.read(path), path);
    return orDamaged(path, () => parseVocabulary(json));
  });

  return {
    ...handle,
    family,
    session: family.open(handle),
    batch: options.batch ?? 1,
    async readPrompt(raw, { force = false, pins = {}, canvas = null } = {}) {
      if (condition.kind === 'class' || !encoder) {
        const { prompt, warnings } = readClass(raw, await labels());
        return { warnings: [...warnings, ...planIgnored(pins)], isShared: true, promptFor: async () => prompt };
      }
      const encoded = async (text: ReadText) => {
        const key = text.ids.join(' ');
        const prompt = prompts.get(key) ?? (await encodeText(await encoder(), text, condition));
        prompts.set(key, prompt);
        return prompt;
      };
      const known = pack.vocabulary === undefined ? undefined : await vocabulary();
      const words = known && readWords(raw, known, force);
      const text = readText(words?.drawn ?? raw, condition, await tokenizer(), words?.warning);
      const rules = known?.scene;
      if (!known || !rules) {
        const prompt = await encoded(text);
        return { warnings: [...text.warnings, ...planIgnored(pins)], isShared: true, promptFor: async () => prompt };
      }
      checkPins(pins, known);
      const view = canvas && viewOf(canvas, rules.grid, known);
      return {
        warnings: text.warnings.filter(({ code }) => code !== 'prompt-cut'),
        isShared: false,
        async promptFor(seed) {
          const told = async (scene: Scene): Promise<Prompt> => {
            const text = readText(sayScene(scene), { ...condition, cleaning: 'none' }, await tokenizer());
            return { ...(await encoded(text)), scene };
          };
          const composed = sceneOf(raw, { ...known, scene: rules }, seed, { ...view?.pins, ...pins });
          const region = view?.region ?? null;
          // An app icon's tile and a landscape say themselves where a thing stands in them.
          const isMoved = region && (!canvas?.isWhole || composed.ground === 'plain');
          const scene = isMoved ? placeWithin(composed, region, rules.sizes, rules.grid) : composed;
          const separated = separateInk(scene, known, { isOverPicture: canvas !== null });
          if (!separated) return told(scene);
          const icons: Prompt[] = [];
          for (const icon of separated.icons) icons.push(await told(icon.scene));
          const base = separated.base ? await told(separated.base) : icons[0];
          if (!base) throw new RangeError('a scene was separated that has no icon');
          return { ...base, overlay: { separated, icons } };
        },
      };
    },
    costs: new Map(),
    async close() {
      // What could not be loaded was told to whoever asked for it, and there is nothing of it to release.
      const loads = await Promise.allSettled(graphs.splice(0));
      const loaded = loads.flatMap((load) => (load.status === 'fulfilled' ? [load.value] : []));
      await Promise.all(loaded.map((graph) => graph.close()));
    },
  };
}

function planIgnored(pins: Pins): PromptWarning[] {
  const fields = Object.keys(pins);
  if (fields.length === 0) return [];
  return [{ code: 'plan-ignored', message: `This model has no plan, so ${fields.join(' and ')} can not be pinned.` }];
}

/**
 * Gigabytes of float32 that are read once a prompt are not worth a copy in memory: flan-T5-XL is there in a tenth of a second instead of
 * five, and a prompt takes half a second instead of a quarter. What is rounded has to be packed, or it is computed another way and 20 times slower.
 */
function isLargeInFloat32(pack: Pack, graph: string): boolean {
  const rounded = pack.precision !== null && pack.precision !== undefined && pack.precision.storage !== 'exact';
  return !rounded && pack.files.some(({ path }) => path === `${graph}.data`);
}

/** What the parsers of single files say of a stranger's file is about the pack. */
function orDamaged<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new GenerateError('damaged-pack', `"${path}" can not be used: ${(cause as Error).message}`, { cause });
  }
}

/** mT5's tokenizer.json has 16 MB; parsed, a file takes some ten times its size. */
const MAXIMUM_JSON_BYTES = 32 * 2 ** 20;

function readJson(bytes: Uint8Array, path: string): unknown {
  if (bytes.byteLength > MAXIMUM_JSON_BYTES)
    throw new GenerateError(
      'damaged-pack',
      `"${path}" has ${bytes.byteLength} bytes, more than the ${MAXIMUM_JSON_BYTES} that are read of such a file.`,
    );
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new GenerateError('damaged-pack', `"${path}" is not JSON: ${(cause as Error).message}`, { cause });
  }
}
