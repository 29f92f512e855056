import { describe, expect, it } from 'vitest';
import { ModelInferRequest, ModelInferResponse } from '../src/oip/grpc/messages/infer.ts';
import { NamedModelRequest } from '../src/oip/grpc/messages/server.ts';
import { bool, int64, string, uint64 } from '../src/oip/grpc/protobuf/kinds.ts';
import { many, map, message, one } from '../src/oip/grpc/protobuf/message.ts';
import { ProtobufError, Reader } from '../src/oip/grpc/protobuf/reader.ts';
import { Writer } from '../src/oip/grpc/protobuf/writer.ts';
import { readContents, writeContents } from '../src/oip/grpc/tensor-contents.ts';
import { packElements, unpackElements } from '../src/oip/tensors/byte-elements.ts';
import { type Datatype, type DatatypeForms, datatypes, type Values } from '../src/oip/tensors/datatypes.ts';
import type { OutputTensor } from '../src/oip/tensors/tensor.ts';

const samples: { [D in Datatype]: Values[D] } = {
  BYTES: [new Uint8Array(), Uint8Array.of(1), Uint8Array.from('Alauda arvensis', (it) => it.charCodeAt(0))],
  UINT8: Uint8Array.of(0, 1, 127, 128, 255),
  INT32: Int32Array.of(0, 1, -1, 2 ** 31 - 1, -(2 ** 31)),
  FP32: Float32Array.of(0, 1, 0.861408, 0.000001, 0.5),
};
const plain = (values: Values[Datatype]): unknown[] =>
  Array.from<unknown, unknown>(values, (it) => (it instanceof Uint8Array ? [...it] : it));
const formsOf = (datatype: Datatype) => datatypes[datatype] as DatatypeForms<Values[Datatype]>;
/** The same bytes in the middle of other ones, as a body holds them. */
const within = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(5)]).subarray(3, 3 + bytes.length);

describe.each(Object.keys(datatypes) as Datatype[])('%s', (datatype) => {
  const values = samples[datatype];
  const count = values.length;
  const { toRaw, fromRaw, toJson, fromJson } = formsOf(datatype);

  it('is read as it was written, in each form, wherever in a body it begins', () => {
    expect(plain(fromRaw(within(toRaw(values)), count))).toEqual(plain(values));
    expect(plain(fromJson(toJson(values), count, 1))).toEqual(plain(values));
    const contents = writeContents({ name: 'x', shape: [count], datatype, values } as OutputTensor);
    expect(plain(readContents(within(contents), datatype, count))).toEqual(plain(values));
  });

  it('is refused where there are more or fewer than the shape takes', () => {
    const contents = writeContents({ name: 'x', shape: [count], datatype, values } as OutputTensor);
    for (const other of [count - 1, count + 1]) {
      const refused = expect.objectContaining({ code: 'REQUEST_INVALID' });
      expect(() => fromRaw(toRaw(values), other)).toThrow(refused);
      expect(() => fromJson(toJson(values), other, 1)).toThrow(refused);
      expect(() => readContents(contents, datatype, other)).toThrow(refused);
    }
  });

  it('is refused in JSON where it is something else', () => {
    for (const value of [null, {}, true, datatype === 'BYTES' ? 1 : '1', [[1]]])
      expect(() => fromJson([value], 1, 1)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }));
  });
});

describe('numbers in JSON', () => {
  it.each<[Datatype, unknown]>([
    ['UINT8', 256],
    ['UINT8', -1],
    ['UINT8', 1.5],
    ['INT32', 2 ** 31],
    ['INT32', 0.5],
  ])('%s is never %s', (datatype, value) => {
    expect(() => datatypes[datatype].fromJson([value], 1, 1)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID' }),
    );
  });

  it('are read flat or nested as deep as the shape, row by row', () => {
    const { fromJson } = datatypes.UINT8;
    expect([...fromJson([[[1, 2]], [[3, 4]]], 4, 3)]).toEqual([1, 2, 3, 4]);
    expect([...fromJson([1, 2, 3, 4], 4, 3)]).toEqual([1, 2, 3, 4]);
    expect(() => fromJson([[[1, 2]], [[3, 4]]], 4, 2)).toThrow(/nested deeper/);
  });

  it('go out with the six decimals that they have', () => {
    expect(datatypes.FP32.toJson(Float32Array.of(0.861408, 0.1))).toEqual([0.861408, 0.1]);
  });
});

describe('the raw form of BYTES', () => {
  it('is each element after its length, four bytes little-endian', () => {
    expect([...packElements([Uint8Array.of(7, 8), Uint8Array.of()])]).toEqual([2, 0, 0, 0, 7, 8, 0, 0, 0, 0]);
  });

  it('shares the memory of the body', () => {
    const body = packElements([Uint8Array.of(1), Uint8Array.of(2)]);
    expect(unpackElements(body, 2).map(({ buffer }) => buffer)).toEqual([body.buffer, body.buffer]);
  });

  it.each([
    ['cut off in a length', [1, 0]],
    ['cut off in an element', [5, 0, 0, 0, 1]],
    ['longer than memory', [255, 255, 255, 255, 1]],
  ])('is refused where it is %s', (_, bytes) => {
    expect(() => unpackElements(Uint8Array.from(bytes), 1)).toThrow(/BYTES/);
  });
});

describe('protobuf', () => {
  const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

  it('is written as the reference implementation writes it', () => {
    // protobuf 6.33 in Python: ModelInferRequest(model_name='birds', id='7', inputs=[InferInputTensor(name='images', datatype='BYTES',
    // shape=[-1, 300], parameters={'top': InferParameter(int64_param=-2)})], raw_input_contents=[b'\x01\x02'])
    const bytes = hex(
      '0a056269726473 1a0137 2a31 0a06696d61676573 12054259544553 1a0cffffffffffffffffff01ac02 22120a03746f70120b10feffffffffffffffff01 3a020102',
    );
    const request = {
      model_name: 'birds',
      model_version: '',
      id: '7',
      parameters: {},
      inputs: [
        { name: 'images', datatype: 'BYTES', shape: [-1, 300], parameters: { top: -2 }, contents: new Uint8Array() },
      ],
      outputs: [],
      raw_input_contents: [Uint8Array.of(1, 2)],
    };
    expect(ModelInferRequest.decode(new Uint8Array(bytes))).toEqual(request);
    expect(ModelInferRequest.encode(request)).toEqual(bytes);
  });

  it('keeps numbers of 64 bits as far as numbers go', () => {
    for (const value of [0, 1, 127, 128, 2 ** 31, 2 ** 32, 2 ** 49, Number.MAX_SAFE_INTEGER]) {
      const writer = new Writer();
      writer.unsigned(value);
      writer.signed(-value);
      const reader = new Reader(writer.finish());
      expect([reader.unsigned(), reader.signed() + 0]).toEqual([value, value === 0 ? 0 : -value]);
      expect(reader.atEnd).toBe(true);
    }
  });

  it('reads lists packed or not, the last of a single field, and skips what it does not know', () => {
    const codec = message({ list: many(1, int64, 9), flag: one(2, bool), text: one(3, string) });
    const unknown = '20 01 29 0000000000000000 32 02 ffff 3d 00000000';
    expect(codec.decode(hex(`08 01 0a 02 02 03 10 01 10 00 ${unknown} 1a 01 61 1a 01 62`))).toEqual({
      list: [1, 2, 3],
      flag: false,
      text: 'b',
    });
  });

  it('tells parameters of each type', () => {
    const parameters = { a: true, b: false, c: -7, d: 0.5, e: 'text', f: '' };
    const response = { ...ModelInferResponse.empty, parameters };
    expect(ModelInferResponse.decode(ModelInferResponse.encode(response)).parameters).toEqual(parameters);
  });

  it.each([
    ['cut off in a tag', '80'],
    ['cut off in a text', '0a 05 61'],
    ['an endless varint', `10${' ff'.repeat(11)} 01`],
    ['a group', '0b'],
    ['field 0', '02 00'],
    ['another wire type', '0d 00000000'],
    ['text that is not UTF-8', '0a 02 c328'],
    ['a length beyond all', '0a ffffffff7f'],
  ])('refuses %s', (_, bytes) => {
    expect(() => NamedModelRequest.decode(hex(bytes))).toThrow(ProtobufError);
  });

  it('makes no more objects of a message than such a message has', () => {
    // Two bytes each: an input without anything.
    expect(() => ModelInferRequest.decode(hex('2a00'.repeat(100_000)))).toThrow(/more than 16 elements/);
    expect(() => ModelInferRequest.decode(hex('3a00'.repeat(100_000)))).toThrow(/more than 16 elements/);
    const entries = Array.from(
      { length: 65 },
      (_, i) => `22050a03${Buffer.from(String(i).padStart(3)).toString('hex')}`,
    );
    expect(() => ModelInferRequest.decode(hex(entries.join('')))).toThrow(/more than 64 elements/);
    const list = message({ list: many(1, uint64, 3), named: map(2, string, uint64, 3) });
    expect(() => list.decode(hex('0a 04 01010101'))).toThrow(/more than 3 elements/);
  });
});
