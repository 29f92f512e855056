import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { cloneModel } from '../src/onnx/clone-model.ts';
import { decodeModel, encodeModel } from '../src/onnx/codec.ts';
import { GraphBuilder } from '../src/onnx/graph-builder.ts';
import type { ModelMessage } from '../src/onnx/messages.ts';
import { onnxSchema } from '../src/onnx/schema.ts';
import { int64Tensor, tensorNumbers } from '../src/onnx/tensor.ts';
import { applyPasses, standardPasses } from '../src/passes/apply-passes.ts';
import { flattenMeans } from '../src/passes/flatten-means.ts';
import { foldBatchNorms } from '../src/passes/fold-batch-norms.ts';
import { foldConstants } from '../src/passes/fold-constants.ts';
import { foldPads } from '../src/passes/fold-pads.ts';
import type { Evidence } from '../src/passes/prove.ts';
import { removeDeadNodes } from '../src/passes/remove-dead-nodes.ts';
import { removeIdentities } from '../src/passes/remove-identities.ts';
import { removeStridedViews } from '../src/passes/remove-strided-views.ts';
import { useGlobalPools } from '../src/passes/use-global-pools.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { openSession, tensor } from '../src/session.ts';
import { numbers } from './support/small-models.ts';

const size = 8;
const pictures = randomPictures(4, size, size, 9);

/** A graph on float32 pictures `[batch, 8, 8, 3]` that gives `[batch, 3 or more]`. */
function graphWith(write: (graph: GraphBuilder, value: string) => string, outputs = 3): ModelMessage {
  const graph = new GraphBuilder('test', 13);
  const pixels = graph.node('Transpose', [graph.input('images', 'float32', ['batch', size, size, 3])], {
    perm: [0, 3, 1, 2],
  });
  const result = write(graph, pixels);
  graph.output(graph.node('Flatten', [graph.node('GlobalAveragePool', [result])], { axis: 1 }, 'out'), 'float32', [
    'batch',
    outputs,
  ]);
  return graph.model();
}

async function scores(model: ModelMessage): Promise<number[]> {
  await using session = await openSession(encodeModel(model));
  const feed = await tensor('float32', Float32Array.from(pictures), [4, size, size, 3]);
  const { out } = await session.run({ images: feed });
  return Array.from((out?.data ?? []) as Float32Array);
}

async function unchanged(
  model: ModelMessage,
  pass: (model: ModelMessage) => number | Promise<number>,
): Promise<ModelMessage> {
  const after = cloneModel(model);
  expect(await pass(after)).toBeGreaterThan(0);
  const [wanted, given] = [await scores(model), await scores(after)];
  for (const [at, score] of wanted.entries()) expect(given[at]).toBeCloseTo(score, 3);
  return after;
}

const operators = ({ graph }: ModelMessage): string[] => graph.node.map(({ opType }) => opType);

describe('a pass', () => {
  it('shapes what PyTorch gathers by places in memory, where the numbers lie densely', async () => {
    const model = graphWith((graph, value) => stridedView(graph, value, 1));
    const after = await unchanged(model, removeStridedViews);
    removeDeadNodes(after);
    expect(operators(after)).not.toContain('Gather');
    expect(operators(after)).not.toContain('Range');
  });

  it('leaves such a view that turns the numbers round, since its proof fails', async () => {
    const model = graphWith((graph, value) => stridedView(graph, value, -1));
    const before = await scores(model);
    const after = cloneModel(model);
    expect(removeStridedViews(after)).toBe(1);
    expect(await scores(after)).not.toEqual(before);
    const notes: string[] = [];
    const evidence = await evidenceOf(model);
    const proved = await applyPasses(model, [{ name: 'strided views', apply: removeStridedViews }], evidence, 4, notes);
    expect(operators(proved)).toContain('Gather');
    expect(notes.join()).toMatch(/left out: strided views/);
  });

  it('folds batch norms, a variance of 0 included', async () => {
    const model = graphWith((graph, value) => {
      const conv = graph.node('Conv', [value, graph.floats('w', [4, 3, 3, 3], numbers(108, 1))], {
        kernel_shape: [3, 3],
      });
      const vectors = ['g', 'b', 'm'].map((name, n) => graph.floats(name, [4], numbers(4, n + 2)));
      return graph.node('BatchNormalization', [conv, ...vectors, graph.floats('v', [4], [0, 0.5, 1e-4, 2])], {
        epsilon: { float: 0.001 },
      });
    }, 4);
    expect(operators(await unchanged(model, foldBatchNorms))).not.toContain('BatchNormalization');
  });

  it('leaves a batch norm whose convolution is read by others too', () => {
    const model = graphWith((graph, value) => {
      const conv = graph.node('Conv', [value, graph.floats('w', [3, 3, 1, 1], numbers(9, 1))], {
        kernel_shape: [1, 1],
      });
      const vectors = ['g', 'b', 'm', 'v'].map((name, n) =>
        graph.floats(
          name,
          [3],
          numbers(3, n + 2).map((number) => number + 0.6),
        ),
      );
      return graph.node('Add', [conv, graph.node('BatchNormalization', [conv, ...vectors])]);
    });
    expect(foldBatchNorms(model)).toBe(0);
  });

  it('takes a graph of thousands of nodes in its stride', async () => {
    const model = graphWith((graph, value) => {
      for (let n = 0; n < 8_000; n += 1) value = graph.node('Relu', [value]);
      return value;
    });
    const startedAt = performance.now();
    for (const pass of [removeIdentities, foldBatchNorms, foldPads, useGlobalPools, flattenMeans])
      expect(pass(model)).toBe(0);
    // A look at the whole graph for each of its nodes took minutes.
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('removes identities and dropouts, also in front of the output', async () => {
    const model = graphWith((graph, value) =>
      graph.node('Dropout', [graph.node('Identity', [graph.node('Relu', [value])])]),
    );
    const last = model.graph.node.at(-1);
    if (last) last.output = ['before'];
    model.graph.node = [...model.graph.node, { opType: 'Identity', input: ['before'], output: ['out'], attribute: [] }];
    expect(operators(await unchanged(model, removeIdentities))).toEqual([
      'Transpose',
      'Relu',
      'GlobalAveragePool',
      'Flatten',
    ]);
  });

  it('keeps a dropout whose mask is read', () => {
    const model = graphWith((graph, value) => graph.node('Dropout', [value]));
    const dropout = model.graph.node.find(({ opType }) => opType === 'Dropout');
    dropout?.output.push('mask');
    model.graph.output = [...model.graph.output, { name: 'mask' }];
    expect(removeIdentities(model)).toBe(0);
  });

  it('computes what depends on constants alone', async () => {
    const model = graphWith((graph, value) => {
      const sum = graph.node('Add', [graph.floats('one', [1, 3, 1, 1], [1, 2, 3]), graph.floats('two', [], [2])]);
      return graph.node('Mul', [value, graph.node('Sqrt', [sum])]);
    });
    const after = await unchanged(model, foldConstants);
    expect(operators(after)).toEqual(['Transpose', 'Mul', 'GlobalAveragePool', 'Flatten']);
    const folded = after.graph.initializer.find(({ name }) => name.startsWith('sqrt'));
    expect([...(folded ? tensorNumbers(folded) : [])].map((value) => value.toFixed(4))).toEqual([
      '1.7321',
      '2.0000',
      '2.2361',
    ]);
  });

  it('leaves weights that are quantised, and large results that come from little', async () => {
    const model = graphWith((graph, value) => {
      const weights = graph.node('DequantizeLinear', [
        graph.bytes('q', [3], new Uint8Array([1, 2, 3])),
        graph.floats('s', [], [0.5]),
        graph.bytes('z', [], new Uint8Array([0])),
      ]);
      const large = graph.node('Expand', [graph.floats('seed', [1], [1]), graph.ints('huge', [1], [1 << 20])]);
      const first = graph.node('Gather', [large, graph.ints('zero', [], [0])]);
      void first;
      return graph.node('Mul', [value, graph.node('Reshape', [weights, graph.ints('shape', [4], [1, 3, 1, 1])])]);
    });
    expect(await foldConstants(model)).toBe(0);
  });

  it('makes padding with zeros part of the convolution', async () => {
    const model = graphWith((graph, value) => {
      const padded = graph.node('Pad', [value, graph.ints('pads', [8], [0, 0, 0, 1, 0, 0, 2, 3])]);
      return graph.node('Conv', [padded, graph.floats('w', [3, 3, 3, 3], numbers(81, 1))], {
        kernel_shape: [3, 3],
        pads: [1, 0, 0, 1],
        strides: [2, 2],
      });
    });
    expect(operators(await unchanged(model, foldPads))).not.toContain('Pad');
  });

  it('leaves padding with anything else', () => {
    const model = graphWith((graph, value) => {
      const padded = graph.node('Pad', [
        value,
        graph.ints('pads', [8], [0, 0, 1, 1, 0, 0, 1, 1]),
        graph.floats('value', [], [1]),
      ]);
      return graph.node('Conv', [padded, graph.floats('w', [3, 3, 3, 3], numbers(81, 1))], { kernel_shape: [3, 3] });
    });
    expect(foldPads(model)).toBe(0);
  });

  it('that changes the scores is left out, with a note that says by how much', async () => {
    const model = graphWith((graph, value) => graph.node('Mul', [value, graph.floats('factor', [], [0.01])]));
    const notes: string[] = [];
    const harmful = {
      name: 'harmful',
      apply: ({ graph }: ModelMessage): number => {
        const [factor] = graph.initializer;
        if (factor) factor.rawData = new Uint8Array(Float32Array.of(0.0101).buffer);
        return 1;
      },
    };
    const broken = { name: 'broken', apply: ({ graph }: ModelMessage): number => graph.node.splice(1, 1).length };
    const kept = await applyPasses(model, [harmful, broken, ...standardPasses], await evidenceOf(model), 1, notes);
    expect(notes).toEqual([
      expect.stringMatching(/^left out: harmful \(it moves the output by \d/),
      expect.stringMatching(/^left out: broken/),
    ]);
    expect(await scores(kept)).toEqual(await scores(model));
  });
});

/** Means of three channels, gathered in the order of their places or, in each picture, the other way round. */
function stridedView(graph: GraphBuilder, value: string, step: 1 | -1): string {
  const means = graph.node('GlobalAveragePool', [value]);
  const count = graph.node('Gather', [graph.node('Shape', [means]), graph.tensor(int64Tensor('first', [], [0]))]);
  const [zero, one] = [0, 1].map((each) => graph.tensor(int64Tensor(`number_${each}`, [], [each])));
  const pictures = graph.node('Mul', [graph.node('Range', [zero ?? '', count, one ?? '']), graph.list([3])]);
  const places = step === 1 ? [0, 1, 2] : [2, 1, 0];
  const all = graph.node('Add', [graph.node('Unsqueeze', [pictures, graph.list([1])]), graph.list(places)]);
  const gathered = graph.node('Gather', [graph.node('Reshape', [means, graph.list([-1])]), all]);
  return graph.node('Reshape', [gathered, graph.list([-1, 3, 1, 1])]);
}

async function evidenceOf(model: ModelMessage): Promise<Evidence> {
  const all = await scores(model);
  const rows = [0, 1, 2, 3].map((n) => Float64Array.from(all.slice(n * 3, n * 3 + 3)));
  return {
    pictures,
    count: 4,
    width: size,
    height: size,
    input: { name: 'images', type: 'float32' },
    rows,
    tolerance: 1e-5,
  };
}

describe('the codec', () => {
  it('writes the very bytes that a writer of protocol buffers writes, unknown fields and all', () => {
    const type = protobuf.parse(onnxSchema, { keepCase: true }).root.lookupType('onnx.Model');
    const graph = new GraphBuilder('plain', 13);
    const value = graph.input('x', 'float32', ['batch', 3]);
    graph.output(graph.node('MatMul', [value, graph.floats('w', [3, 500], numbers(1500, 3))]), 'float32', [
      'batch',
      500,
    ]);
    graph.tensor({ name: 'empty', dims: [0], dataType: 1, rawData: new Uint8Array() });
    graph.tensor({ name: 'old', dims: [1], dataType: 1, floatData: [new Uint8Array(4)] });
    const plain = Buffer.from(type.encode(graph.model()).finish());
    expect(Buffer.from(encodeModel(graph.model()))).toEqual(plain);
    // Field 200 of the model, a string.
    const known = decodeModel(Buffer.concat([plain, Buffer.from([0xc2, 0x0c, 2, 0x68, 0x69])]));
    expect(Buffer.from(encodeModel(cloneModel(known))).subarray(-5)).toEqual(Buffer.from([0xc2, 0x0c, 2, 0x68, 0x69]));
  });

  it('copies what can be changed, and shares the numbers', () => {
    const graph = new GraphBuilder('plain', 13);
    graph.output(graph.node('Relu', [graph.floats('w', [2], [1, 2])], {}, 'y'), 'float32', [2]);
    const model = decodeModel(encodeModel(graph.model()));
    const copy = cloneModel(model);
    for (const node of copy.graph.node) node.input[0] = 'other';
    copy.graph.initializer.push({ name: 'new', dims: [], dataType: 1 });
    expect(model.graph.node[0]?.input).toEqual(['w']);
    expect(model.graph.initializer.length).toBe(1);
    expect(copy.graph.initializer[0]?.rawData).toBe(model.graph.initializer[0]?.rawData);
  });

  it('keeps fields that it does not know', () => {
    const model = graphWith((graph, value) => graph.node('Relu', [value]));
    // Field 99 of the model, a string.
    const extra = Buffer.concat([Buffer.from([0x9a, 0x06, 3]), Buffer.from('new')]);
    const again = Buffer.from(encodeModel(decodeModel(Buffer.concat([encodeModel(model), extra]))));
    expect(again.includes(extra)).toBe(true);
  });

  it('reads tensors whichever field holds their numbers', () => {
    const floats = { name: 'f', dims: [2], dataType: 1, floatData: [new Uint8Array(Float32Array.of(1.5, -2).buffer)] };
    const packed = {
      name: 'i',
      dims: [3],
      dataType: 7,
      int64Data: [new Uint8Array([5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x80, 0x01])],
    };
    const bytes = { name: 'u', dims: [2], dataType: 2, int32Data: [new Uint8Array([7, 0xff, 0x01])] };
    expect([floats, packed, bytes].map((each) => [...tensorNumbers(each)])).toEqual([
      [1.5, -2],
      [5, -1, 128],
      [7, 255],
    ]);
  });
});
