import { describe, expect, it } from 'vitest';
import { encodeModel } from '../src/onnx/codec.ts';
import { GraphBuilder } from '../src/onnx/graph-builder.ts';
import { bytesPerSecond, measureRoof } from '../src/profile/machine-roof.ts';
import { operationsOf } from '../src/profile/operations.ts';
import { profileOperators } from '../src/profile/profile-operators.ts';
import { readTrace } from '../src/profile/read-trace.ts';

const shape = (...dims: number[]) => ({ type: 'float', dims });

describe('operations of', () => {
  it.each([
    ['a convolution', 'Conv', [shape(1, 3, 8, 8), shape(16, 3, 3, 3), shape(16)], shape(1, 16, 8, 8), 2 * 16 * 64 * 27],
    ['a depthwise one', 'Conv', [shape(1, 16, 8, 8), shape(16, 1, 3, 3)], shape(1, 16, 8, 8), 2 * 16 * 64 * 9],
    [
      'a quantised one, with scales between',
      'QLinearConv',
      [shape(2, 8, 8, 4), shape(), shape(), shape(6, 4, 1, 1), shape(), shape(), shape(), shape(), shape(6)],
      shape(2, 8, 8, 6),
      2 * 2 * 64 * 6 * 4,
    ],
    ['a product of matrices', 'MatMul', [shape(5, 7), shape(7, 11)], shape(5, 11), 2 * 5 * 7 * 11],
    [
      'one with the right side transposed',
      'Gemm',
      [shape(5, 7), shape(11, 7), shape(11)],
      shape(5, 11),
      2 * 5 * 7 * 11,
    ],
    ['several products', 'MatMul', [shape(3, 5, 7), shape(3, 7, 11)], shape(3, 5, 11), 2 * 3 * 5 * 7 * 11],
    ['a sum', 'Add', [shape(4, 4), shape(4, 4)], shape(4, 4), 16],
    ['a mean of each channel', 'GlobalAveragePool', [shape(1, 8, 7, 7)], shape(1, 8, 1, 1), 8 * 49],
    ['what only moves', 'Transpose', [shape(4, 4)], shape(4, 4), 0],
    ['what is not known', 'Lstm', [shape(4, 4)], shape(4, 4), undefined],
  ])('%s', (_, operator, inputs, output, operations) => {
    expect(operationsOf({ operator, inputs, outputs: [output] })).toBe(operations);
  });
});

it('a trace is read whatever else stands in it', () => {
  const kernel = { op_name: 'Add', output_type_shape: [{ float: [2] }], activation_size: '8', output_size: '8' };
  const events = [
    { cat: 'Session', name: 'model_run', dur: 5 },
    { cat: 'Node', name: 'a_kernel_time', dur: 3, args: kernel },
    { cat: 'Node', name: 'a_fence_before', dur: 1, args: { op_name: 'Add' } },
  ];
  expect(readTrace(JSON.stringify(events))).toEqual([
    { node: 'a', operator: 'Add', microseconds: 3, inputs: [], outputs: [{ type: 'float', dims: [2] }], bytes: 16 },
  ]);
});

it('a graph under the profiler: its nodes as they run, their work, and what this machine needs for it at least', async () => {
  const graph = new GraphBuilder('small', 13);
  const x = graph.input('x', 'float32', ['batch', 16, 16, 3]);
  const planes = graph.node('Transpose', [x], { perm: [0, 3, 1, 2] });
  const weights = graph.floats('weights', [32, 3, 3, 3], new Float32Array(32 * 27).fill(0.1));
  const pads = { pads: [1, 1, 1, 1] };
  const seen = graph.node('Relu', [graph.node('Conv', [planes, weights], pads)]);
  graph.output(graph.node('GlobalAveragePool', [seen]), 'float32', ['batch', 32, 1, 1]);
  const roof = await measureRoof({ threads: 1, seconds: 0.2 });
  expect(Object.values(roof).every((value) => value > 0 && Number.isFinite(value))).toBe(true);
  expect(bytesPerSecond(roof, 1)).toBe(roof.cacheBytesPerSecond);
  expect(bytesPerSecond(roof, 1e9)).toBe(roof.memoryBytesPerSecond);
  const sample = { pixels: new Float32Array(4 * 16 * 16 * 3).fill(100), count: 4, width: 16, height: 16 };
  const options = { batch: 4, threads: 1, roof, seconds: 0.1 };
  const profile = await profileOperators({ graph: encodeModel(graph.model()) }, sample, options);
  expect(profile.runs).toBeGreaterThanOrEqual(5);
  const convolution = profile.nodes.find(({ operator }) => operator.includes('Conv'));
  // With the rectifier in it, and the padding that makes the picture stay as large; channels come in blocks of up to 16.
  expect(convolution).toMatchObject({ operations: 2 * 4 * 32 * 256 * 27 });
  expect(convolution?.bytes).toBeGreaterThanOrEqual(4 * 4 * (3 + 32) * 256);
  for (const { ms, leastMs } of profile.nodes) {
    expect(ms).toBeGreaterThanOrEqual(0);
    expect(leastMs).toBeGreaterThan(0);
  }
}, 60_000);
