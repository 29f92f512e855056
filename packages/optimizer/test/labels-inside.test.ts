import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { labelsInside } from '../src/index.ts';
import { fileOf, smallModel } from './support/small-models.ts';

const onnx = (names: string): Uint8Array => {
  const model = smallModel();
  model.metadataProps = [{ key: 'names', value: names }];
  return fileOf(model);
};

const header = Buffer.from('\x1c\0\0\0TFL3 a model', 'latin1');
const packed = { 'labels.txt': Buffer.from('cat\r\ndog\n'), 'vocabulary.bin': Buffer.from('x') };

/** Behind the model, places counted from the model's start, as Python's zipfile appends. */
function appended(zip: Buffer): Buffer {
  const end = zip.lastIndexOf('PK\x05\x06');
  const directory = zip.readUInt32LE(end + 16);
  zip.writeUInt32LE(directory + header.byteLength, end + 16);
  for (let at = zip.indexOf('PK\x01\x02'); at >= 0; at = zip.indexOf('PK\x01\x02', at + 4))
    zip.writeUInt32LE(zip.readUInt32LE(at + 42) + header.byteLength, at + 42);
  return Buffer.concat([header, zip]);
}

describe('labels inside a model', () => {
  it.each([
    [`{0: 'tench', 1: "it's a shark", 2: 'a, b: {c}'}`, ['tench', "it's a shark", 'a, b: {c}']],
    ["['cat', 'dog']", ['cat', 'dog']],
  ])('are read from the metadata of Ultralytics: %s', (names, labels) => {
    expect(labelsInside(onnx(names))).toEqual({ labels, where: 'names of its metadata' });
  });

  it.each(["{0: 'a', 2: 'b'}", "{0: 'a', 1: open('b')}", 'cat', "['a'"])('are not guessed from %s', (names) => {
    expect(labelsInside(onnx(names))).toBeUndefined();
  });

  it.each([
    ['its own start', Buffer.concat([header, zipSync(packed)])],
    ["the model's start", appended(Buffer.from(zipSync(packed)))],
  ])('are read from what is packed behind a TFLite file, counted from %s', (_, file) => {
    expect(labelsInside(file)).toEqual({ labels: ['cat', 'dog'], where: 'labels.txt' });
  });

  it.each<[string, Uint8Array]>([
    ['a TFLite file alone', header],
    ['a damaged archive', Buffer.concat([header, Buffer.from(zipSync(packed)).subarray(40)])],
    ['something else', Buffer.from('something else')],
  ])('are none in %s', (_, file) => {
    expect(labelsInside(file)).toBeUndefined();
  });
});
