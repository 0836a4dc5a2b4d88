import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type StringStringEntryProto,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from '../../../models/onnx/proto/onnx_pb.js';
import { checkGraph } from '../../../models/run/graph-check.js';
import { EMBEDDED_PACK } from '../../../scripts/embed.mjs';
import { inRoot } from '../../../scripts/paths.mjs';

const good = new Uint8Array(readFileSync(inRoot(EMBEDDED_PACK, 'text-encoder.onnx')));

/** The graph with a change to it. */
function changed(change: (model: ModelProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, good);
  change(model);
  return toBinary(ModelProtoSchema, model);
}

const first = (change: { opType?: string; domain?: string }) => (model: ModelProto) =>
  void Object.assign(model.graph!.node[0]!, change);

const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });

describe('checkGraph', () => {
  it('lets pass what our own packs are made of', () => {
    for (const name of ['text-encoder', 'student', 'decoder'])
      checkGraph(new Uint8Array(readFileSync(inRoot(EMBEDDED_PACK, `${name}.onnx`))), `${name}.onnx`);
  });

  it.each([
    ['an operator that loops', first({ opType: 'Loop' }), /"Loop"/],
    ['a long name', first({ opType: 'x'.repeat(9999) }), /"x{60}"/],
    ['another domain', first({ domain: 'evil' }), /of "evil"/],
    [
      'a graph inside an operator',
      (model: ModelProto) =>
        void model.graph!.node[0]!.attribute.push(
          create(AttributeProtoSchema, { name: 'body', g: create(GraphProtoSchema, { name: 'inner' }) }),
        ),
      /graph of its own/,
    ],
    [
      'functions',
      (model: ModelProto) => void model.functions.push(create(FunctionProtoSchema, { name: 'Add' })),
      /functions/,
    ],
    [
      'weights in another file',
      (model: ModelProto) =>
        void Object.assign(model.graph!.initializer[0]!, { dataLocation: TensorProto_DataLocation.EXTERNAL }),
      /another file/,
    ],
    [
      'weights in another file without saying so',
      (model: ModelProto) => void model.graph!.initializer[0]!.externalData.push(entry('location', '/etc/passwd')),
      /another file/,
    ],
    ['no graph', (model: ModelProto) => void delete model.graph, /0 graphs/],
  ])('refuses %s by name', (_, change, message) => {
    expect(() => checkGraph(changed(change), 'student.onnx')).toThrow(message);
    expect(() => checkGraph(changed(change), 'student.onnx')).toThrow(/"student\.onnx" is refused/);
  });

  it.each([
    // 32 bits of this are field 7, the graph, and all that ONNX Runtime keeps of it: it would add this graph to the first.
    ['a second graph behind a key of 35 bits', [0xba, 0x80, 0x80, 0x80, 0x10, 0], /a number that there is not/],
    ['a second graph behind a key that is padded', [0xba, 0x00, 0], /longer than it need be/],
    ['a length that is padded', [0x12, 0x80, 0x00], /longer than it need be/],
    ['field 0', [0x02, 0], /a number that there is not/],
    ['a second graph', [0x3a, 0], /2 graphs/],
  ])('refuses %s', (_, more, message) => {
    expect(() => checkGraph(Buffer.concat([good, Buffer.from(more)]), 'a.onnx')).toThrow(message);
  });

  it('refuses more fields than any graph has', () => {
    const many = new Uint8Array(2_200_000).fill(0x08).map((_, index) => (index % 2 === 0 ? 0x08 : 1));
    expect(() => checkGraph(many, 'a.onnx')).toThrow(/more than 1000000 fields/);
  });

  it('reads little of a large graph, and only where it looks', () => {
    const student = new Uint8Array(readFileSync(inRoot(EMBEDDED_PACK, 'student.onnx')));
    let read = 0;
    const subarray = (start: number, end: number) => {
      read += end - start;
      return student.subarray(start, end);
    };
    checkGraph({ length: student.length, subarray }, 'student.onnx');
    expect(read).toBeLessThan(student.length / 10);
    expect(() => checkGraph({ length: 2 ** 31, subarray }, 'a.onnx')).toThrow(/2147483648 bytes/);
  });

  describe('with a file for weights beside it', () => {
    const outside = (...externalData: StringStringEntryProto[]) =>
      changed(
        (model) =>
          void Object.assign(model.graph!.initializer[0]!, {
            dataLocation: TensorProto_DataLocation.EXTERNAL,
            rawData: new Uint8Array(0),
            externalData,
          }),
      );

    it('lets weights be there', () => {
      const there = outside(entry('location', 'a.onnx.data'), entry('offset', '0'), entry('length', '4'));
      checkGraph(there, 'a.onnx', 'a.onnx.data');
      expect(() => checkGraph(there, 'a.onnx')).toThrow(/another file/);
    });

    it.each(['../a.onnx.data', 'a.onnx.data2', '/etc/passwd', '*/_ORT_MEM_ADDR_/*', ''])(
      'and nowhere else: "%s"',
      (location) => {
        const elsewhere = outside(entry('location', 'a.onnx.data'), entry('location', location));
        expect(() => checkGraph(elsewhere, 'a.onnx', 'a.onnx.data')).toThrow(/another file than "a.onnx.data"/);
      },
    );

    it('and at a place that is told, once', () => {
      expect(() => checkGraph(outside(), 'a.onnx', 'a.onnx.data')).toThrow(/another file than/);
      const packed = outside(entry('location', 'a.onnx.data'), entry('prepacked_0', '0|4|x'));
      expect(() => checkGraph(packed, 'a.onnx', 'a.onnx.data')).toThrow(/"prepacked_0"/);
      // An entry of which the last value counts: "location" is "a.onnx.data" and then "/etc/passwd".
      const twice = toBinary(StringStringEntryProtoSchema, entry('location', 'a.onnx.data'));
      const last = toBinary(StringStringEntryProtoSchema, create(StringStringEntryProtoSchema, { value: '/x' }));
      const bytes = Uint8Array.of(0x70, 1, 0x6a, twice.length + last.length, ...twice, ...last);
      const graph = Uint8Array.of(0x2a, bytes.length, ...bytes);
      const model = Uint8Array.of(0x3a, graph.length, ...graph);
      expect(() => checkGraph(model, 'a.onnx', 'a.onnx.data')).toThrow(/a second value/);
    });
  });

  it('refuses lengths that lie, and what is no graph, quickly', () => {
    for (let cut = 1; cut < 2000; cut += 37)
      expect(() => checkGraph(good.subarray(0, cut), 'a.onnx')).toThrow(/refused/);
    expect(() => checkGraph(new Uint8Array(0), 'a.onnx')).toThrow(/0 graphs/);
    expect(() => checkGraph(new TextEncoder().encode('<!doctype html>'), 'a.onnx')).toThrow(/refused/);
    // A length of 2^63.
    expect(() => checkGraph(Uint8Array.of(0x3a, ...Array<number>(9).fill(0xff), 1), 'a.onnx')).toThrow(/bytes/);
  });
});
