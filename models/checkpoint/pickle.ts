/**
 * Python's pickle, protocols 0 to 5, as a stack machine that builds plain records (CPython Lib/pickletools.py documents the opcodes).
 *
 * There is no recursion, and every object is paid for from a budget before it is made, so that neither depth nor size of a hostile pickle
 * matters. What Python would call is recorded, not called.
 */
import type { Refusal } from './error.js';
import { type PickleBytes, parseFloat64, parseInteger, readPickleBytes } from './pickle-bytes.js';
import { makePickleStack } from './pickle-stack.js';
import type { PickleValue } from './pickle-values.js';

const HIGHEST_PROTOCOL = 5;

/**
 * @param bytes The whole pickle; it must end with its STOP.
 * @throws CheckpointError when the pickle breaks off, misuses its stack, has an unknown opcode, or asks for too much memory.
 */
export function parsePickle(bytes: Uint8Array, refusal: Refusal): PickleValue {
  const pickle = readPickleBytes(bytes, refusal);
  const stack = makePickleStack(pickle);
  for (;;) {
    const opcode = pickle.opcode();
    switch (opcode) {
      case undefined:
        throw refusal.damaged(
          `its pickle ends at byte ${bytes.length} without a STOP. It is probably cut short; fetch it again.`,
        );

      case 0x80: {
        // PROTO
        const protocol = pickle.uint(1);
        if (protocol > HIGHEST_PROTOCOL) {
          throw refusal.unsupported(
            `is a pickle of protocol ${protocol}; up to ${HIGHEST_PROTOCOL} is read. Save it with pickle_protocol=2.`,
          );
        }
        break;
      }
      case 0x95: // FRAME: only a hint for buffering, but it must be true.
        if (pickle.uint(8) > pickle.left()) throw pickle.fault('has a frame longer than itself');
        break;
      case 0x2e: {
        // STOP
        const value = stack.pop();
        if (!stack.isEmpty()) throw pickle.fault('stops with values left on its stack');
        if (pickle.left() > 0) throw pickle.fault(`is followed by ${pickle.left()} bytes that do not belong to it`);
        return value;
      }

      // The stack and the memo.
      case 0x28: // MARK
        stack.mark();
        break;
      case 0x30: // POP
        stack.drop();
        break;
      case 0x31: // POP_MARK
        stack.popMark();
        break;
      case 0x32: // DUP
        stack.push(stack.peek());
        break;
      case 0x70: // PUT
        stack.remember(readIndex(pickle));
        break;
      case 0x71: // BINPUT
        stack.remember(pickle.uint(1));
        break;
      case 0x72: // LONG_BINPUT
        stack.remember(pickle.uint(4));
        break;
      case 0x94: // MEMOIZE
        stack.remember(undefined);
        break;
      case 0x67: // GET
        stack.push(stack.recall(readIndex(pickle)));
        break;
      case 0x68: // BINGET
        stack.push(stack.recall(pickle.uint(1)));
        break;
      case 0x6a: // LONG_BINGET
        stack.push(stack.recall(pickle.uint(4)));
        break;

      // Constants.
      case 0x4e: // NONE
        stack.push(null);
        break;
      case 0x88: // NEWTRUE
        stack.push(true);
        break;
      case 0x89: // NEWFALSE
        stack.push(false);
        break;
      case 0x49: {
        // INT
        const line = pickle.line();
        stack.push(line === '00' ? false : line === '01' ? true : parseInteger(line, pickle));
        break;
      }
      case 0x4c: // LONG
        stack.push(parseInteger(pickle.line().replace(/L$/, ''), pickle));
        break;
      case 0x4b: // BININT1
        stack.push(pickle.uint(1));
        break;
      case 0x4d: // BININT2
        stack.push(pickle.uint(2));
        break;
      case 0x4a: // BININT
        stack.push(pickle.int32());
        break;
      case 0x8a: // LONG1
        stack.push(pickle.integer(pickle.uint(1)));
        break;
      case 0x8b: // LONG4
        stack.push(pickle.integer(pickle.uint(4)));
        break;
      case 0x46: // FLOAT
        stack.push(parseFloat64(pickle.line(), pickle));
        break;
      case 0x47: // BINFLOAT
        stack.push(pickle.float64());
        break;

      // Text and bytes.
      case 0x53: // STRING
        stack.push(pickle.line().replace(/^(['"])(.*)\1$/, '$2'));
        break;
      case 0x56: // UNICODE
        stack.push(pickle.line());
        break;
      case 0x54: // BINSTRING
        stack.push(pickle.text(pickle.uint(4), 'latin1'));
        break;
      case 0x55: // SHORT_BINSTRING
        stack.push(pickle.text(pickle.uint(1), 'latin1'));
        break;
      case 0x58: // BINUNICODE
        stack.push(pickle.text(pickle.uint(4), 'utf-8'));
        break;
      case 0x8c: // SHORT_BINUNICODE
        stack.push(pickle.text(pickle.uint(1), 'utf-8'));
        break;
      case 0x8d: // BINUNICODE8
        stack.push(pickle.text(pickle.uint(8), 'utf-8'));
        break;
      case 0x42: // BINBYTES
        stack.push(pickle.bytes(pickle.uint(4)));
        break;
      case 0x43: // SHORT_BINBYTES
        stack.push(pickle.bytes(pickle.uint(1)));
        break;
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        stack.push(pickle.bytes(pickle.uint(8)));
        break;

      // Containers.
      case 0x29: // EMPTY_TUPLE
        stack.pushTuple([]);
        break;
      case 0x74: // TUPLE
        stack.pushTuple(stack.popMark());
        break;
      case 0x85: // TUPLE1
        stack.pushTuple([stack.pop()]);
        break;
      case 0x86: {
        // TUPLE2
        const second = stack.pop();
        stack.pushTuple([stack.pop(), second]);
        break;
      }
      case 0x87: {
        // TUPLE3
        const third = stack.pop();
        const second = stack.pop();
        stack.pushTuple([stack.pop(), second, third]);
        break;
      }
      case 0x5d: // EMPTY_LIST
      case 0x8f: // EMPTY_SET: nothing of a set is ever wanted, so a list will do.
        stack.pushList([]);
        break;
      case 0x6c: // LIST
      case 0x91: // FROZENSET
        stack.pushList(stack.popMark());
        break;
      case 0x61: {
        // APPEND
        const item = stack.pop();
        stack.append([item]);
        break;
      }
      case 0x65: // APPENDS
      case 0x90: // ADDITEMS
        stack.append(stack.popMark());
        break;
      case 0x7d: // EMPTY_DICT
        stack.pushDict();
        break;
      case 0x64: {
        // DICT
        const items = stack.popMark();
        stack.pushDict();
        stack.setItems(items);
        break;
      }
      case 0x73: {
        // SETITEM
        const value = stack.pop();
        const key = stack.pop();
        stack.setItems([key, value]);
        break;
      }
      case 0x75: // SETITEMS
        stack.setItems(stack.popMark());
        break;

      // What Python would look up and call.
      case 0x63: {
        // GLOBAL
        const module = pickle.line();
        stack.pushGlobal(module, pickle.line());
        break;
      }
      case 0x93: {
        // STACK_GLOBAL
        const name = stack.pop();
        stack.pushGlobal(stack.pop(), name);
        break;
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const args = stack.pop();
        stack.pushCall(stack.pop(), args);
        break;
      }
      case 0x92: {
        // NEWOBJ_EX
        stack.pop(); // Keyword arguments: no known class takes any.
        const args = stack.pop();
        stack.pushCall(stack.pop(), args);
        break;
      }
      case 0x69: {
        // INST
        const module = pickle.line();
        const name = pickle.line();
        const args = stack.popMark();
        stack.pushGlobal(module, name);
        const callee = stack.pop();
        stack.pushTuple(args);
        stack.pushCall(callee, stack.pop());
        break;
      }
      case 0x6f: {
        // OBJ
        const [callee, ...args] = stack.popMark();
        if (callee === undefined) throw pickle.fault('makes an object of no class');
        stack.pushTuple(args);
        stack.pushCall(callee, stack.pop());
        break;
      }
      case 0x62: // BUILD: attributes are not wanted of anything.
        stack.pop();
        stack.peek();
        break;
      case 0x50: // PERSID
        stack.pushPersistent(pickle.line());
        break;
      case 0x51: // BINPERSID
        stack.pushPersistent(stack.pop());
        break;

      default:
        throw refusal.unsupported(
          `its pickle has opcode 0x${opcode.toString(16).padStart(2, '0')} at byte ${pickle.opcodeAt()}, which is not known or needs what is ` +
            'not in the file (extension registry, out-of-band buffers). Save the weights with torch.save(model.state_dict(), f).',
        );
    }
  }
}

/** An index of the memo, in decimal. */
function readIndex(pickle: PickleBytes): number {
  const value = parseInteger(pickle.line(), pickle);
  if (typeof value !== 'number' || value < 0) throw pickle.fault(`has ${value} where an index should be`);
  return value;
}
