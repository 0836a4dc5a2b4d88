/** The stack, marks and memo of a pickle, and the records that its opcodes make of what is on the stack. */
import { MAXIMUM_PICKLE_LINE, MAXIMUM_PICKLE_STACK } from './limits.js';
import { COST, type PickleBytes } from './pickle-bytes.js';
import { asKind, isTuple, type PickleGlobal, type PickleValue } from './pickle-values.js';

/** Every tensor comes with a few of them. */
const EMPTY_TUPLE: readonly PickleValue[] = [];

export interface PickleStack {
  push(value: PickleValue): void;
  pop(): PickleValue;
  /** The value on top, which stays there. */
  peek(): PickleValue;
  mark(): void;
  /** Everything above the last mark. */
  popMark(): PickleValue[];
  /** POP: a value or, as CPython does, the mark when there is nothing above it. */
  drop(): void;
  isEmpty(): boolean;
  remember(index: number | undefined): void;
  recall(index: number): PickleValue;
  pushTuple(items: PickleValue[]): void;
  pushList(items: PickleValue[]): void;
  pushDict(): void;
  pushGlobal(module: PickleValue, name: PickleValue): void;
  pushCall(callee: PickleValue, args: PickleValue): void;
  pushPersistent(id: PickleValue): void;
  append(items: readonly PickleValue[]): void;
  /** Keys and values in turn. */
  setItems(items: readonly PickleValue[]): void;
}

export function makePickleStack({ spend, fault }: PickleBytes): PickleStack {
  const stack: PickleValue[] = [];
  const marks: number[] = [];
  // Picklers number the memo from 0 on, so that it is a list; what skips numbers goes to the map.
  const memo: PickleValue[] = [];
  const sparseMemo = new Map<number, PickleValue>();
  const globals = new Map<string, PickleGlobal>();
  const bottom = () => marks.at(-1) ?? 0;

  return {
    push,
    pop() {
      const value = peek();
      spend(-COST.grownSlot);
      stack.pop();
      return value;
    },
    peek,
    mark() {
      checkDepth();
      spend(COST.grownSlot);
      marks.push(stack.length);
    },
    popMark,
    drop() {
      if (stack.length > bottom()) stack.pop();
      else if (marks.pop() === undefined) throw fault('takes a value from an empty stack');
      spend(-COST.grownSlot);
    },
    isEmpty: () => stack.length === 0 && marks.length === 0,
    remember(index = memo.length) {
      const value = peek();
      if (index < memo.length) {
        memo[index] = value;
      } else if (index === memo.length) {
        spend(COST.grownSlot);
        memo.push(value);
      } else {
        if (!sparseMemo.has(index)) spend(COST.mapEntry);
        sparseMemo.set(index, value);
      }
    },
    recall(index) {
      const value = index < memo.length ? memo[index] : sparseMemo.get(index);
      if (value === undefined) throw fault(`refers to memo ${index}, which is not set`);
      return value;
    },
    pushTuple(items) {
      if (items.length > 0) spend(COST.array + COST.slot * items.length);
      push(items.length > 0 ? items : EMPTY_TUPLE);
    },
    pushList(items) {
      spend(COST.record + COST.array + COST.slot * items.length);
      push({ kind: 'list', items });
    },
    pushDict() {
      spend(COST.record);
      push({ kind: 'dict', entries: undefined, duplicate: undefined });
    },
    pushGlobal(module, name) {
      if (typeof module !== 'string' || typeof name !== 'string')
        throw fault('names a global by something that is not text');
      if (module.length + name.length > MAXIMUM_PICKLE_LINE) {
        throw fault(`names a global by ${module.length + name.length} characters`);
      }
      const full = `${module}.${name}`;
      let global = globals.get(full);
      if (global === undefined) {
        spend(COST.record + COST.mapEntry + COST.string + full.length);
        global = { kind: 'global', name: full };
        globals.set(full, global);
      }
      push(global);
    },
    pushCall(callee, args) {
      if (!isTuple(args)) throw fault('calls something with arguments that are not a tuple');
      spend(COST.record + COST.slot);
      push({ kind: 'call', callee, args, entries: undefined, duplicate: undefined });
    },
    pushPersistent(id) {
      spend(COST.record);
      push({ kind: 'persistent', id });
    },
    append(items) {
      const target = peek();
      const list = asKind(target, 'list');
      if (list !== undefined) {
        spend(COST.grownSlot * items.length);
        for (const item of items) list.items.push(item);
      } else if (asKind(target, 'call') === undefined) {
        // A call may have made a subclass of list, whose items are not wanted.
        throw fault('appends to something that is no list');
      }
    },
    setItems(items) {
      if (items.length % 2 !== 0) throw fault('sets a key without a value');
      const target = peek();
      const table = asKind(target, 'dict') ?? asKind(target, 'call');
      if (table === undefined) throw fault('sets an entry of something that is no dict');
      if (items.length === 0) return;
      if (table.entries === undefined) {
        spend(COST.map);
        table.entries = new Map();
      }
      spend((COST.mapEntry * items.length) / 2);
      for (let index = 0; index < items.length; index += 2) {
        const key = items[index]!;
        if (typeof key === 'string' && table.entries.has(key)) table.duplicate ??= key;
        table.entries.set(key, items[index + 1]!);
      }
    },
  };

  function push(value: PickleValue): void {
    checkDepth();
    spend(COST.grownSlot);
    stack.push(value);
  }

  function checkDepth(): void {
    if (stack.length + marks.length >= MAXIMUM_PICKLE_STACK) {
      throw fault(`has more than ${MAXIMUM_PICKLE_STACK} values on its stack`);
    }
  }

  function peek(): PickleValue {
    if (stack.length <= bottom()) throw fault('takes a value from an empty stack');
    return stack[stack.length - 1]!;
  }

  function popMark(): PickleValue[] {
    const mark = marks.pop();
    if (mark === undefined) throw fault('goes back to a mark that is not there');
    spend(-COST.grownSlot * (stack.length - mark + 1));
    return stack.splice(mark);
  }
}
