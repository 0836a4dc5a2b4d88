/** Finds the table of named tensors in what torch.save was given: a state dict, or one among other things in dicts. */
import { quote, type Refusal } from './error.js';
import { MAXIMUM_TENSORS, MAXIMUM_WRAPPERS } from './limits.js';
import { asKind, calleeName, type PickleCall, type PickleDict, type PickleValue } from './pickle-values.js';

export type Preference = 'model' | 'ema';

/** Names that wrap the trained weights, the likeliest first: LlamaGen and VAR, DeepSpeed, Lightning, timm. */
const MODEL_WRAPPERS = ['model', 'module', 'state_dict', 'model_state_dict'];

/** `ema`, `model_ema`, `ema_parameters`, `ema_state_dict`, ...: the moving average of the weights. */
const EMA_WRAPPER = /(?:^|_)ema(?:_|$)/;

/** What is under these names is never weights, though it has the shapes of them. */
const TRAINING_STATE = /optim|sched|scaler|exp_avg|grad/;

/** Python classes that behave as a dict and change nothing of it. */
const DICTS = new Set(['collections.OrderedDict', 'collections.defaultdict', 'builtins.dict', '__builtin__.dict']);

interface Candidate {
  /** Dotted, '' for the root. */
  readonly path: string;
  readonly table: PickleDict | PickleCall;
  /** The lower, the sooner taken. */
  readonly rank: number;
}

export interface FoundTable {
  /** Dotted path of the table, '' when it is not wrapped. */
  readonly path: string;
  readonly entries: ReadonlyMap<PickleValue, PickleValue>;
}

/**
 * The weights asked for; the other kind when there is only that. Anything else in the file is left alone.
 *
 * @throws CheckpointError when there is no table of tensors, when several could be meant, or when the one meant is not a plain dict.
 */
export function findTable(root: PickleValue, prefer: Preference, { damaged, unsupported }: Refusal): FoundTable {
  const candidates = listTables(root, prefer).sort((a, b) => a.rank - b.rank);
  const [best, second] = candidates;
  if (best === undefined) throw unsupported(describeLack(root));
  const where = best.path === '' ? 'its table of tensors' : `its table ${quote(best.path)}`;
  if (second?.rank === best.rank) {
    const paths = candidates.slice(0, 8).map(({ path }) => quote(path));
    throw unsupported(
      `has several tables of tensors (${paths.join(', ')}) and none under a name that says which are the weights. ` +
        `Save the one that is wanted: torch.save({'model': torch.load(f)[...]}, f2).`,
    );
  }
  const call = asKind(best.table, 'call');
  if (call !== undefined && !isDict(call)) {
    throw unsupported(
      `${where} is a ${quote(calleeName(call) ?? 'call')} object, which is not known. Save it as a plain dict: torch.save(dict(table), f).`,
    );
  }
  if (best.table.duplicate !== undefined) {
    throw damaged(`${where} has ${quote(best.table.duplicate)} twice. Fetch the file again from a source you trust.`);
  }
  const entries = best.table.entries ?? new Map();
  if (entries.size > MAXIMUM_TENSORS) {
    throw unsupported(
      `${where} has ${entries.size} entries; at most ${MAXIMUM_TENSORS} are read. Save those that are needed alone.`,
    );
  }
  return { path: best.path, entries };
}

function listTables(root: PickleValue, prefer: Preference): Candidate[] {
  const candidates: Candidate[] = [];
  // A table may be reached on two ways, or contain itself: each is looked at once, on the shortest way, since that comes first.
  const seen = new Set<PickleValue>();
  let level: { path: string[]; value: PickleValue }[] = [{ path: [], value: root }];
  for (let depth = 0; depth <= MAXIMUM_WRAPPERS; depth++) {
    const next: typeof level = [];
    for (const { path, value } of level) {
      const table = asKind(value, 'dict') ?? asKind(value, 'call');
      if (table?.entries === undefined || seen.has(table)) continue;
      seen.add(table);
      let hasTensor = false;
      for (const [key, entry] of table.entries) {
        if (typeof key !== 'string') continue;
        hasTensor ||= isTensor(entry);
        if ((asKind(entry, 'dict') ?? asKind(entry, 'call'))?.entries !== undefined && !TRAINING_STATE.test(key)) {
          next.push({ path: [...path, key], value: entry });
        }
      }
      if (hasTensor) candidates.push({ path: path.join('.'), table, rank: rankOf(path, prefer) });
    }
    level = next;
  }
  return candidates;
}

/** Wrapped as preferred, wrapped as the other kind, not wrapped, under an unknown name; within each the likelier name, then the shallower. */
function rankOf(path: readonly string[], prefer: Preference): number {
  const name = path.at(-1);
  if (name === undefined) return 2000;
  const isEma = path.some((part) => EMA_WRAPPER.test(part));
  const place = MODEL_WRAPPERS.indexOf(name);
  if (!isEma && place < 0) return 3000;
  return ((isEma ? 'ema' : 'model') === prefer ? 0 : 1000) + path.length * 10 + Math.max(place, 0);
}

/** What makes a table one of tensors is a value that torch made; calls of other things stand in tables of settings, too. */
function isTensor(value: PickleValue): boolean {
  const call = asKind(value, 'call');
  return call !== undefined && (calleeName(call)?.startsWith('torch._') ?? false);
}

function isDict(call: PickleCall): boolean {
  return DICTS.has(calleeName(call) ?? '');
}

function describeLack(root: PickleValue): string {
  const remedy = 'Save a table of them: torch.save(model.state_dict(), f).';
  const call = asKind(root, 'call');
  if (isTensor(root)) return `holds a single tensor instead of named tensors. ${remedy}`;
  if (call !== undefined && !isDict(call)) {
    return `holds a whole Python object (${quote(calleeName(call) ?? 'a call')}) instead of named tensors. ${remedy}`;
  }
  const entries = (asKind(root, 'dict') ?? call)?.entries;
  if (entries === undefined || entries.size === 0) return `holds no table of named tensors. ${remedy}`;
  const keys = [...entries.keys()].filter((key) => typeof key === 'string');
  const parts = keys.slice(0, 8).map((key) => {
    const value = asKind(entries.get(key), 'call');
    return value === undefined || isDict(value)
      ? quote(key)
      : `${quote(key)}, of class ${quote(calleeName(value) ?? 'call')}`;
  });
  return `holds no table of named tensors, only ${parts.join('; ')}. ${remedy}`;
}
