/** Progress by expected time: a request is a list of units of work, and what each kind costs is learned as it goes. */
import type { Pack } from '../pack.js';
import type { GenerateEvent, GenerateRequest, Phase } from '../protocol.js';

type ProgressEvent = Extract<GenerateEvent, { type: 'progress' }>;
type Unit = 'load' | 'text' | 'student' | 'refine' | 'teacher' | 'draft' | 'decode';

/** Milliseconds a unit of each kind took lately; an opened pack keeps it from request to request. */
export type Costs = Map<Unit, number>;

/** Relative costs before anything was measured: a step of the student is some ten codes of the teacher. */
const GUESSED: Record<Unit, number> = {
  load: 300,
  text: 30,
  student: 200,
  refine: 200,
  teacher: 20,
  draft: 200,
  decode: 200,
};
const PHASE: Record<Unit, Phase> = {
  load: 'load',
  text: 'text',
  student: 'step',
  refine: 'step',
  teacher: 'step',
  draft: 'draft',
  decode: 'decode',
};

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
  const cost = (unit: Unit) => costs.get(unit) ?? GUESSED[unit];
  const sum = (some: readonly Unit[]) => some.reduce((total, unit) => total + cost(unit), 0);

  function now(): ProgressEvent {
    const unit = units[next] ?? 'decode';
    const phase = PHASE[unit];
    const ofPhase = (some: readonly Unit[]) => some.filter((other) => PHASE[other] === phase).length;
    const ahead = sum(units.slice(next));
    const all = sum(units);
    fraction = next >= units.length ? 1 : Math.max(fraction, all > 0 ? 1 - ahead / all : 0);
    return {
      type: 'progress',
      phase,
      done: ofPhase(units.slice(0, next)),
      total: ofPhase(units),
      fraction,
      remaining: units.slice(next).every((other) => costs.has(other)) ? Math.round(ahead) : null,
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
        spent[PHASE[unit]] = (spent[PHASE[unit]] ?? 0) + time;
        // A graph that is already there costs nothing; that says nothing about loading the next one.
        if (unit !== 'load') costs.set(unit, cost(unit) + (time - cost(unit)) * (costs.has(unit) ? LEARNING_RATE : 1));
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

/** The units of a request in the order in which they are done. */
export function listUnits(pack: Pack, request: GenerateRequest, batch: number): Unit[] {
  const units: Unit[] = ['load', 'text'];
  const { schedule, seeds } = request;
  const positions = pack.grid.rows * pack.grid.columns;
  for (let first = 0; first < seeds.length; first += batch) {
    const pictures = Math.min(batch, seeds.length - first);
    const drafts = request.draft ? Array<Unit>(pictures).fill('draft') : [];
    switch (schedule.kind) {
      case 'student':
        units.push('student');
        for (let step = 1; step < schedule.steps; step++) units.push(...drafts, 'student');
        // What two steps gave is shown before it is refined.
        if (schedule.refinements) units.push(...drafts, ...Array<Unit>(schedule.refinements).fill('refine'));
        break;
      case 'mixed':
        if (request.draft || schedule.resampled !== pack.student?.times[1]) units.push('student', ...drafts);
        units.push(...Array<Unit>(schedule.resampled).fill('teacher'), 'student');
        break;
      case 'teacher':
        units.push(...Array<Unit>(positions).fill('teacher'));
        break;
      default:
        schedule satisfies never;
    }
    units.push(...Array<Unit>(pictures).fill('decode'));
  }
  return units;
}
