import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  TensorProto_DataLocation,
} from '../../../models/onnx/proto/onnx_pb.js';
import { checkGraph } from '../../../models/run/graph-check.js';
import { EMBEDDED_PACK } from '../../../server/setup/embed.mjs';
import { inRoot } from '../../../server/setup/paths.mjs';

const good = new Uint8Array(readFileSync(inRoot(EMBEDDED_PACK, 'text-encoder.onnx')));

/** The graph with a change to it. */
function changed(change: (model: ModelProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, good);
  change(model);
  return toBinary(ModelProtoSchema, model);
}

const first = (change: { opType?: string; domain?: string }) => (model: ModelProto) =>
  void Object.assign(model.graph!.node[0]!, change);

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
    ['no graph', (model: ModelProto) => void delete model.graph, /0 graphs/],
  ])('refuses %s by name', (_, change, message) => {
    expect(() => checkGraph(changed(change), 'student.onnx')).toThrow(message);
    expect(() => checkGraph(changed(change), 'student.onnx')).toThrow(/"student\.onnx" is refused/);
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
