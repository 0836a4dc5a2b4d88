/** What a pickle says, as plain records. Nothing of it is executed: a call is a record of what would have been called. */

/** A Python class or function by its dotted name, whatever it is. */
export interface PickleGlobal {
  readonly kind: 'global';
  readonly name: string;
}

export interface PickleList {
  readonly kind: 'list';
  readonly items: PickleValue[];
}

/** Keys keep their order. A key that is set twice is remembered, since Python would silently take the last. */
interface PickleEntries {
  entries: Map<PickleValue, PickleValue> | undefined;
  duplicate: string | undefined;
}

export interface PickleDict extends PickleEntries {
  readonly kind: 'dict';
}

/** An object that a function or class would have made, with the entries that were set on it afterwards. Other state is dropped. */
export interface PickleCall extends PickleEntries {
  readonly kind: 'call';
  readonly callee: PickleValue;
  readonly args: PickleValue;
}

/** Something outside of the pickle, for torch a storage. */
export interface PicklePersistent {
  readonly kind: 'persistent';
  readonly id: PickleValue;
}

/** A tuple is an array. Lists and dicts may contain themselves; whoever walks them bounds the depth. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PickleValue[]
  | PickleGlobal
  | PickleList
  | PickleDict
  | PickleCall
  | PicklePersistent;

/** The record, when the value is one of this kind. */
export function asKind<Kind extends 'global' | 'list' | 'dict' | 'call' | 'persistent'>(
  value: PickleValue | undefined,
  kind: Kind,
): Extract<PickleValue, { kind: Kind }> | undefined {
  const isRecord = typeof value === 'object' && value !== null && 'kind' in value;
  return isRecord && value.kind === kind ? (value as Extract<PickleValue, { kind: Kind }>) : undefined;
}

export function isTuple(value: PickleValue | undefined): value is readonly PickleValue[] {
  return Array.isArray(value);
}

/** The dotted name of what a call would have called; undefined when it is not a global. */
export function calleeName(call: PickleCall): string | undefined {
  return asKind(call.callee, 'global')?.name;
}
