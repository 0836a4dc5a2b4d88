/** What a value in a torch pickle says of a tensor: torch/_utils.py and torch/storage.py, by the calls that torch.save leaves in the pickle. */
import { quote } from './error.js';
import { asKind, calleeName, isTuple, type PickleCall, type PickleValue } from './pickle-values.js';
import type { ElementType } from './tensor.js';
import type { View } from './view.js';

export interface TorchTensor {
  readonly type: ElementType;
  /** Name of the storage's zip entry below `data/`. */
  readonly key: string;
  /** Elements of the storage, as the pickle says. */
  readonly storageLength: number;
  readonly view: View;
}

/** A tensor; a value that depends on something unknown, with the reason; or undefined for a value that is neither. */
export type Described = TorchTensor | { readonly unreadable: string } | undefined;

const STORAGE_TYPES: Readonly<Record<string, ElementType>> = {
  DoubleStorage: 'f64',
  FloatStorage: 'f32',
  HalfStorage: 'f16',
  BFloat16Storage: 'bf16',
  LongStorage: 'i64',
  IntStorage: 'i32',
  ShortStorage: 'i16',
  CharStorage: 'i8',
  ByteStorage: 'u8',
  BoolStorage: 'bool',
};

/** A parameter in a subclass in a tensor: more wrapping than this is no real file. */
const MAXIMUM_REBUILDS = 8;

export function describeTensor(value: PickleValue): Described {
  let current: PickleValue | undefined = value;
  for (let depth = 0; depth < MAXIMUM_REBUILDS; depth++) {
    const call: PickleCall | undefined = asKind(current, 'call');
    if (call === undefined) {
      return depth === 0 ? undefined : { unreadable: 'is a parameter without a tensor in it' };
    }
    const name = calleeName(call);
    const args: readonly PickleValue[] = isTuple(call.args) ? call.args : [];
    switch (name) {
      case 'torch._utils._rebuild_tensor':
      case 'torch._utils._rebuild_tensor_v2':
        return describeView(args);
      case 'torch._utils._rebuild_parameter':
      case 'torch._utils._rebuild_parameter_with_state':
        current = args[0];
        break;
      case 'torch._tensor._rebuild_from_type_v2': {
        // (function, type, arguments, state): what the function makes, as another class.
        const type = asKind(args[1], 'global')?.name;
        if (type !== 'torch.Tensor' && type !== 'torch.nn.parameter.Parameter') {
          return { unreadable: `is a tensor of class ${quote(type ?? 'unknown')}, which is not known` };
        }
        current = {
          kind: 'call',
          callee: args[0] ?? null,
          args: args[2] ?? null,
          entries: undefined,
          duplicate: undefined,
        };
        break;
      }
      case 'torch._utils._rebuild_tensor_v3':
        // Only written for element types that have no storage class, the seventh argument.
        return {
          unreadable: `has elements of ${quote(asKind(args[6], 'global')?.name ?? 'unknown')}, which are not read`,
        };
      case undefined:
        return { unreadable: 'is made by a call of something that is no global' };
      default:
        return { unreadable: `is made by the Python global ${quote(name)}, which is not known` };
    }
  }
  return { unreadable: 'is wrapped in itself' };
}

/** (storage, offset, size, stride, requires_grad, hooks, metadata); the first four matter. */
function describeView(args: readonly PickleValue[]): Described {
  const [storage, offset, shape, strides, , , metadata] = args;
  const id = asKind(storage, 'persistent')?.id;
  // ('storage', class, key, location, number of elements)
  const [tag, storageClass, key, , length] = isTuple(id) ? id : [];
  if (tag !== 'storage' || typeof key !== 'string' || typeof length !== 'number') {
    return { unreadable: 'has no storage of the kind torch.save writes' };
  }
  const className = asKind(storageClass, 'global')?.name ?? 'unknown';
  const type = /^torch\.(?:cuda\.)?\w+$/.test(className) ? className.slice(className.lastIndexOf('.') + 1) : '';
  if (!Object.hasOwn(STORAGE_TYPES, type))
    return { unreadable: `has elements of ${quote(className)}, which are not read` };
  const shapeNumbers = numbersOf(shape);
  const strideNumbers = numbersOf(strides);
  if (typeof offset !== 'number' || shapeNumbers === undefined || strideNumbers === undefined) {
    return { unreadable: 'has an offset, a shape or strides that are no numbers' };
  }
  // Metadata marks a tensor whose bytes are still to be negated or conjugated.
  const marks = asKind(metadata, 'dict')?.entries;
  if (marks !== undefined && [...marks.values()].some((mark) => mark !== false)) {
    return { unreadable: 'is a lazy negation or conjugation; save it after .resolve_neg().resolve_conj()' };
  }
  return {
    type: STORAGE_TYPES[type]!,
    key,
    storageLength: length,
    view: { offset, shape: shapeNumbers, strides: strideNumbers },
  };
}

/** A tuple of numbers, or torch.Size of one. */
function numbersOf(value: PickleValue | undefined): readonly number[] | undefined {
  const call = asKind(value, 'call');
  const items = call !== undefined && calleeName(call) === 'torch.Size' && isTuple(call.args) ? call.args[0] : value;
  return isTuple(items) && items.every((item) => typeof item === 'number') ? items : undefined;
}
