import { describe, expect, it } from 'vitest';
import { importModel, sniffFormat } from '../src/index.ts';
import { decodeModel, encodeModel } from '../src/onnx/codec.ts';
import { GraphBuilder } from '../src/onnx/graph-builder.ts';
import { imported } from './support/served.ts';
import { dense, fileOf, labels, numbers, size, smallModel } from './support/small-models.ts';

const refused = (code: string, detail: RegExp) => ({ code, detail: expect.stringMatching(detail) });

describe('what cannot be imported', () => {
  it('names both counts where there are too few labels', async () => {
    await expect(imported(fileOf(smallModel()), { labels: ['a', 'b'] })).rejects.toMatchObject(
      refused('LABELS_INVALID', /2 labels.*gives \w+ 5$/),
    );
  });

  it('thinks of the background class where one label is missing', async () => {
    await expect(imported(fileOf(smallModel()), { labels: ['a', 'b', 'c', 'd'] })).rejects.toMatchObject(
      refused('LABELS_INVALID', /4 labels.* 5; one more.*background/),
    );
  });

  it('knows a model that finds things in a picture', async () => {
    const model = smallModel({
      head: (graph, features) => graph.node('Reshape', [dense(graph, features, 12), graph.list([-1, 6, 2])]),
      outputDims: ['batch', 6, 2],
    });
    await expect(imported(fileOf(model))).rejects.toMatchObject(
      refused('MODEL_INVALID', /\[1,6,2\]: a map or a list of boxes/),
    );
  });

  it('names an operator that nobody has', async () => {
    const model = smallModel({ head: (graph, features) => graph.node('FancyAttention', [dense(graph, features)]) });
    await expect(imported(fileOf(model))).rejects.toMatchObject(
      refused('MODEL_OPERATOR_UNSUPPORTED', /FancyAttention/),
    );
  });

  it('asks for the layout where nothing tells', async () => {
    const graph = new GraphBuilder('unknown', 13);
    const value = graph.input('x', 'float32', ['batch', 'a', 'b', 'c']);
    graph.output(graph.node('Relu', [value]), 'float32', ['batch', 'n']);
    await expect(imported(encodeModel(graph.model()))).rejects.toMatchObject(
      refused('MODEL_INVALID', /say nhwc or nchw/),
    );
  });

  it('names the channels of a model for something else than pictures', async () => {
    const graph = new GraphBuilder('grey', 13);
    const value = graph.input('x', 'float32', ['batch', 4, 28, 28]);
    graph.output(graph.node('Flatten', [value]), 'float32', ['batch', 784]);
    await expect(imported(encodeModel(graph.model()), { layout: 'nchw' })).rejects.toMatchObject(
      refused('MODEL_INVALID', /4 channels/),
    );
  });

  it('asks whether the range is right where scores are no numbers', async () => {
    const model = smallModel({
      head: (graph, features) => graph.node('Log', [graph.node('Neg', [graph.node('Exp', [dense(graph, features)])])]),
    });
    await expect(imported(fileOf(model), { range: '0..255' })).rejects.toMatchObject(
      refused('MODEL_INVALID', /is the range right/),
    );
  });

  it('says which file the weights are in', async () => {
    const model = smallModel();
    const [weights] = model.graph.initializer;
    if (weights)
      Object.assign(weights, {
        rawData: new Uint8Array(),
        dataLocation: 1,
        externalData: [{ key: 'location', value: 'weights.bin' }],
      });
    await expect(imported(fileOf(model))).rejects.toMatchObject(refused('MODEL_INVALID', /"w" is in "weights.bin"/));
  });

  it.each([
    ['is not there', {}, undefined, /"w" is in "weights.bin", which does not lie beside it/],
    ['is too short', { offset: '8' }, 800, /ends at 872, the file has 800 bytes/],
    ['has another length', { length: '860' }, 900, /has 860 bytes, not 864/],
    ['is taken from a place that is none', { offset: '-8' }, 900, /the offset of .* is "-8"/],
  ])('says what is wrong with weights in another file: it %s', async (_, more, bytes, message) => {
    const model = smallModel();
    const [weights] = model.graph.initializer;
    const where = Object.entries({ location: 'weights.bin', length: '864', ...more });
    if (weights)
      Object.assign(weights, {
        rawData: new Uint8Array(),
        dataLocation: 1,
        externalData: where.map(([key, value]) => ({ key, value })),
      });
    const read = () => Promise.resolve(bytes === undefined ? undefined : new Uint8Array(bytes));
    await expect(importModel(fileOf(model), { labels, source: 'm.onnx' }, read)).rejects.toMatchObject(
      refused('MODEL_INVALID', message),
    );
  });

  it('recognises the description of a TensorFlow.js model, which is nothing by itself', async () => {
    const bytes = Buffer.from('{"format":"layers-model"}');
    expect(sniffFormat(bytes)).toBe('json');
    await expect(imported(bytes)).rejects.toMatchObject({ code: 'FORMAT_NOT_YET_IMPORTED' });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['text', Buffer.from('this is not a model, it is a text about one')],
    ['a file that ends too early', fileOf(smallModel()).slice(0, 700)],
    ['nested groups without an end', new Uint8Array(100_000).fill(0x0b)],
  ])('refuses %s', async (_, bytes) => {
    await expect(imported(bytes)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });

  it('refuses 2,000 mutations of a model or imports them, and stays alive', () => {
    const file = fileOf(smallModel());
    const random = numbers(12_000, 3);
    let refusals = 0;
    for (let n = 0; n < 2_000; n += 1) {
      const mutated = file.slice();
      for (let change = 0; change < 3; change += 1) {
        const at = Math.floor(((random[n * 6 + change * 2] ?? 0) + 0.5) * mutated.length);
        mutated[at] = Math.floor(((random[n * 6 + change * 2 + 1] ?? 0) + 0.5) * 256);
      }
      try {
        decodeModel(mutated);
      } catch (thrown) {
        refusals += 1;
        expect(thrown).toMatchObject({ code: 'MODEL_INVALID' });
      }
    }
    expect(refusals).toBeGreaterThan(10);
  });

  it('refuses a file of 8 MB that would become a gigabyte of nodes', () => {
    // Field 7, a graph of 4 million empty nodes of two bytes each.
    const nodes = 4_000_000;
    const bytes = new Uint8Array(6 + nodes * 2);
    const length = nodes * 2;
    bytes.set([
      0x3a,
      (length & 127) | 128,
      ((length >> 7) & 127) | 128,
      ((length >> 14) & 127) | 128,
      (length >> 21) & 127,
    ]);
    for (let at = 5; at + 1 < bytes.length; at += 2) bytes[at] = 0x0a;
    const before = process.memoryUsage().rss;
    expect(() => decodeModel(bytes)).toThrow(/more than 1000000 fields/);
    expect(process.memoryUsage().rss - before).toBeLessThan(400e6);
  });

  it('refuses a tensor whose shape promises more than there is', async () => {
    const model = smallModel();
    const [weights] = model.graph.initializer;
    if (weights) weights.dims = [2 ** 40, 3, 3, 3];
    await expect(imported(fileOf(model), { range: '0..1' })).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });

  it('takes pictures of its own size only', async () => {
    await expect(imported(fileOf(smallModel()), { width: 99 })).rejects.toMatchObject(
      refused('MODEL_INVALID', new RegExp(`width 99.*wants ${size}`)),
    );
  });
});
