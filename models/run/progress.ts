/** Progress by expected time: a request is a list of units of work, and what each kind costs is learned as it goes. */
import type { GenerateEvent, Phase } from '../protocol.js';

type ProgressEvent = Extract<GenerateEvent, { type: 'progress' }>;

/** A piece of work. Families have kinds of their own (models/families/family.ts, `units`). */
export type Unit = {
  /** Units of one kind take about the same time. */
  readonly kind: string;
  readonly phase: Phase;
  /** Cost relative to the others, until one was measured. */
  readonly guess: number;
};

/** Milliseconds a unit of each kind took lately; an opened pack keeps it from request to request. */
export type Costs = Map<string, number>;

const LOAD: Unit = { kind: 'load', phase: 'load', guess: 300 };
const TEXT: Unit = { kind: 'text', phase: 'text', guess: 30 };
/** Decoding a draft. */
export const DRAFT: Unit = { kind: 'draft', phase: 'draft', guess: 200 };
const DECODE: Unit = { kind: 'decode', phase: 'decode', guess: 200 };

/** How much a new measurement counts: machines are shared, one slow call must not upset the estimate. */
const LEARNING_RATE = 0.5;

export type Progress = {
  /** What is about to be done. */
  now(): ProgressEvent;
  /** Books the time since the last call on the unit that was under way and goes on to the next. */
  advance(): ProgressEvent;
  /** Leaves out the next `count` units: they turned out to be needless. */
  skip(count: number): ProgressEvent;
  /** For work that is in no list: its time is nobody's, and it moves nothing on. */
  aside(): Progress;
  milliseconds(): Partial<Record<Phase, number>>;
};

export function createProgress(units: readonly Unit[], costs: Costs): Progress {
  let next = 0;
  let fraction = 0;
  let since = performance.now();
  const spent: Partial<Record<Phase, number>> = {};
  const cost = (unit: Unit) => costs.get(unit.kind) ?? unit.guess;
  const sum = (some: readonly Unit[]) => some.reduce((total, unit) => total + cost(unit), 0);

  function now(): ProgressEvent {
    const { phase } = units[next] ?? DECODE;
    const ofPhase = (some: readonly Unit[]) => some.filter((other) => other.phase === phase).length;
    const ahead = sum(units.slice(next));
    const all = sum(units);
    fraction = next >= units.length ? 1 : Math.max(fraction, all > 0 ? 1 - ahead / all : 0);
    return {
      type: 'progress',
      phase,
      done: ofPhase(units.slice(0, next)),
      total: ofPhase(units),
      fraction,
      remaining: units.slice(next).every((other) => costs.has(other.kind)) ? Math.round(ahead) : null,
    };
  }

  const progress: Progress = {
    now,
    aside() {
      const stay = () => {
        since = performance.now();
        return now();
      };
      return { ...progress, advance: stay, skip: stay };
    },
    advance() {
      const unit = units[next];
      const time = performance.now() - since;
      since += time;
      if (unit) {
        spent[unit.phase] = (spent[unit.phase] ?? 0) + time;
        // A graph that is already there costs nothing; that says nothing about loading the next one.
        if (unit !== LOAD)
          costs.set(unit.kind, cost(unit) + (time - cost(unit)) * (costs.has(unit.kind) ? LEARNING_RATE : 1));
      }
      next++;
      return now();
    },
    skip(count) {
      next += count;
      return now();
    },
    milliseconds: () => spent,
  };
  return progress;
}

/**
 * The units of a request in the order in which they are done.
 *
 * @param pictures how many are drawn, `batch` of them together
 * @param ofBatch the units between the prompt and the decoding of so many pictures
 */
export function listUnits(pictures: number, batch: number, ofBatch: (together: number) => readonly Unit[]): Unit[] {
  const units: Unit[] = [LOAD, TEXT];
  for (let first = 0; first < pictures; first += batch) {
    const together = Math.min(batch, pictures - first);
    units.push(...ofBatch(together), ...Array<Unit>(together).fill(DECODE));
  }
  return units;
}
