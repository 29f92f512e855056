import { wilsonInterval } from '@rookery/contracts';
import { describe, expect, it } from 'vitest';
import { agreementOf } from '../src/compare/agreement.ts';
import { compareGraphs, distinctSources, optimiseInt8, pick, storedInHalves } from '../src/index.ts';
import { encodeModel } from '../src/onnx/codec.ts';
import { GraphBuilder } from '../src/onnx/graph-builder.ts';
import { randomPictures } from '../src/random-pictures.ts';

const size = 32;
const sample = { pixels: randomPictures(8, size, size, 4), count: 8, width: size, height: size };

function denseGraph(channels = 8): Uint8Array {
  const graph = new GraphBuilder('dense', 13);
  const pixels = graph.input('images', 'uint8', ['batch', size, size, 3]);
  const cast = graph.node('Cast', [graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] })], { to: 1 });
  const weights = Array.from({ length: channels * 27 }, (_, n) => Math.sin(n * 1.3) / 900);
  const features = graph.node('Conv', [cast, graph.floats('w', [channels, 3, 3, 3], weights)]);
  const flat = graph.node('Flatten', [graph.node('GlobalAveragePool', [features])]);
  graph.output(graph.node('Softmax', [flat], {}, 'scores'), 'float32', ['batch', channels]);
  return encodeModel(graph.model());
}

describe('comparing graphs', () => {
  it('gives the interval of a share, also of all and of none', () => {
    // As published for 10 of 10 and 0 of 10.
    expect(wilsonInterval(10, 10)?.[0]).toBeCloseTo(0.7225, 3);
    expect(wilsonInterval(0, 10)?.[1]).toBeCloseTo(0.2775, 3);
    expect(wilsonInterval(0, 0)).toBeUndefined();
  });

  it('counts views of one picture once, and says which flipped', () => {
    const reference = { classes: 2, values: Float32Array.of(0.9, 0.1, 0.8, 0.2, 0.3, 0.7) };
    const scores = { classes: 2, values: Float32Array.of(0.9, 0.1, 0.4, 0.6, 0.2, 0.8) };
    const agreement = agreementOf(reference, scores, [0, 0, 1]);
    expect(agreement).toMatchObject({ pictures: 3, sources: 2, stable: 0.5, top5: 1 });
    expect(agreement.top1).toBeCloseTo(2 / 3, 6);
    expect(agreement.largestShift).toBeCloseTo(0.4, 6);
    expect(agreement.flips).toMatchObject([{ picture: 1, from: 0, to: 1 }]);
  });

  it('sees that a brighter and a noisy view are of one picture, and others are not', () => {
    const views = pick(sample, [1, 1, 1, 2, 4]);
    const length = size * size * 3;
    for (let at = 0; at < length; at += 1) {
      views.pixels[length + at] = Math.min(255, (views.pixels[at] ?? 0) * 1.1);
      views.pixels[2 * length + at] = Math.max(0, (views.pixels[at] ?? 0) - (at % 3));
    }
    expect(distinctSources(views)).toEqual([0, 0, 0, 1, 2]);
  });

  it('finds nothing between a graph and itself, and next to nothing with weights in half precision', async () => {
    const graph = denseGraph();
    const sources = distinctSources(sample);
    const same = await compareGraphs({ graph }, { graph }, sample, { sources, threads: 1, seconds: 0.1 });
    expect(same.agreement).toMatchObject({ top1: 1, largestShift: 0, flips: [] });
    expect(same.layers.map(({ decibels }) => decibels)).toEqual([null]);
    const halves = storedInHalves(graph);
    const half = await compareGraphs({ graph }, { graph: halves }, sample, { sources, threads: 1, seconds: 0.1 });
    expect(half.agreement.largestShift).toBeGreaterThan(0);
    expect(half.agreement.largestShift).toBeLessThan(1e-3);
    expect(half.layers[0]?.decibels).toBeGreaterThan(50);
    expect(half.size.bytes).toBeLessThan(half.size.referenceBytes - 300);
    expect(half.pace.map(({ batch }) => batch)).toEqual([1, 8]);
    expect(() => storedInHalves(halves)).toThrow(/no float32 weights that half precision would make smaller/);
  });

  it('leaves the scales of bytes as they are', async () => {
    const { graph } = await optimiseInt8(denseGraph(80), sample, { method: 'min-max', agreement: 0 });
    expect(() => storedInHalves(graph)).toThrow(/no float32 weights/);
  });
});
