/**
 * A model family: how pictures come about, behind two objects.
 *
 * - `FamilyInfo` is what reading packs and making requests takes. It is small: the panel's page carries it, and no more.
 * - `Family` is for hosts that draw or check what is to be drawn. The pipeline (models/run/generate.ts) knows no family by name.
 *
 * To add a family: a folder beside llamagen/, and a line in all.ts.
 */
import type { Pack, PackFamily } from '../pack.js';
import type { GenerateEvent, GenerateRequest, Sampling, Schedule } from '../protocol.js';
import type { Presets } from '../request/presets.js';
import type { RgbImage } from '../run/png.js';
import type { Progress, Unit } from '../run/progress.js';
import type { Prompt } from '../run/prompt.js';
import type { Graph } from '../run/runtime.js';

export type Warning = Extract<GenerateEvent, { type: 'warning' }>;
export type ProgressEvent = Extract<GenerateEvent, { type: 'progress' }>;

export type FamilyInfo = PackFamily & {
  /** What draft, standard and fine are for a pack. */
  presets(pack: Pack): Presets;
  /** Whether a picture can be what a request starts from (`edit`). */
  canEdit(pack: Pack): boolean;
};

/** A pack's files, as a family gets them. */
export type PackHandle = {
  readonly pack: Pack;
  /** A graph of the pack, loaded on the first call of what is returned. */
  graph(path: string): () => Promise<Graph>;
  read(path: string): Promise<Uint8Array>;
};

/** A picture as a family reads it: what a run starts from, instead of from noise alone. */
export type Start = {
  /** [positions] */
  readonly codes: Int32Array;
  /** [positions]: 1 where a code may change. */
  readonly open: Uint8Array;
};

/** Pictures of one prompt that are drawn together. */
export type SampleRun = {
  readonly request: GenerateRequest;
  readonly prompt: Prompt;
  /** One for each picture. A picture depends on its own seed alone, never on who is drawn beside it. */
  readonly seeds: readonly number[];
  readonly signal: AbortSignal;
  /** All of them start from this one; null: from nothing. How much is drawn anew is in the request. */
  readonly start: Start | null;
  /** Call `advance` once for each unit of `FamilyInfo.units` and yield what it returns. */
  readonly progress: Progress;
};

export type Stage =
  | ProgressEvent
  /** Something to show, [picture] of latents [positions, channels] each: the result, or a draft before it where the request wants one. */
  | { readonly type: 'latents'; readonly latents: readonly Float32Array[]; readonly draft: boolean };

export type FamilySession = {
  /** Numbers of a position's latent. Two pictures whose latents are alike are twins (models/run/distinct.ts). */
  readonly channels: number;
  /** Loads the graphs that the request needs, so that this has a phase of its own. */
  load(request: GenerateRequest): Promise<void>;
  /** Computes what the networks keep of a prompt; later requests of the same words find it. */
  readPrompt(prompt: Prompt, request: GenerateRequest): Promise<void>;
  /** Draws: ends with one stage of latents that is no draft. */
  sample(run: SampleRun): AsyncGenerator<Stage, void>;
  /** Latents of one picture -> pixels, of the size in pack.json. */
  decode(latents: Float32Array): Promise<RgbImage>;
  /**
   * Pixels -> codes; null where the pack has nothing that reads pictures.
   *
   * @param image of the size in pack.json
   * @param open [height, width]: 1 for pixels that may change. A code may change where one of its pixels may.
   */
  readonly encode: ((image: RgbImage, open: Uint8Array) => Promise<Start>) | null;
  /**
   * One pass over all positions, to be compared with that of other weights (`twostep pack convert`); null where the pack has no
   * network that answers in one pass.
   */
  readonly probe: ((prompt: Prompt, seed: number, how: { readonly logits: boolean }) => Promise<Probe>) | null;
};

export type Probe = {
  readonly codes: readonly number[];
  /** What the codes were chosen by; null where nobody wants it or a graph does not give it. */
  readonly logits: Float32Array | null;
  readonly latents: Float32Array;
};

export type Family = {
  readonly info: FamilyInfo;
  open(handle: PackHandle): FamilySession;
  /** The schedule of so many steps, for those who count instead of naming a preset. */
  scheduleOfSteps(pack: Pack, steps: number): Schedule;
  /**
   * Whether the pack can do what is asked, before any work is done.
   *
   * @returns what is asked and will not be heeded
   * @throws GenerateError `unsupported-schedule` that says what the pack offers
   */
  checkRequest(pack: Pack, request: GenerateRequest): readonly Warning[];
  /** The work between the prompt and the decoding of so many pictures that are drawn together, in order. */
  units(pack: Pack, request: GenerateRequest, pictures: number): readonly Unit[];
  /** What guidance, top-k, top-p and temperature are where nobody says; null where nothing can be steered so. */
  sampling(pack: Pack): Sampling | null;
  /** Lines of `twostep pack info`: a name and what is so. */
  describe(pack: Pack): readonly (readonly [name: string, value: string])[];
  /** Which of two packs is drawn with where nobody names one: the larger number, below 1e9. Few steps come before many, then the larger model. */
  preference(pack: Pack): number;
};

/** The family of a pack. Its `kind` was checked when pack.json was read, so that one that is not there is a bug of the host. */
export function findFamily(families: readonly Family[], { id, family }: Pick<Pack, 'id' | 'family'>): Family {
  const found = families.find(({ info }) => info.kind === family.kind);
  if (!found) throw new RangeError(`pack ${id} is of the family ${family.kind}, which was not handed in`);
  return found;
}
