import { beforeAll, describe, expect, it } from 'vitest';
import { TfliteWriter } from '../src/export/tflite/tflite-writer.ts';
import { type Imported, type ImportOptions, importModel } from '../src/index.ts';
import { decodeModel } from '../src/onnx/codec.ts';
import type { GraphMessage } from '../src/onnx/messages.ts';
import { tensorNumbers } from '../src/onnx/tensor.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { readTflite } from '../src/tflite/read-tflite.ts';
import { netClasses, netSize, quantisedNet } from './support/quantised-net.ts';
import { scoresOf } from './support/run-graph.ts';
import { numbers } from './support/small-models.ts';
import { addNormalisation } from './support/tflite-metadata.ts';

const labels = Array.from({ length: netClasses }, (_, n) => `class ${n}`);
const imported = (file: Uint8Array, options: Partial<ImportOptions> = {}): Promise<Imported> =>
  importModel(file, { labels, source: 'small.tflite', ...options });
const fileOf = ({ draft }: Imported, variant: string): Uint8Array =>
  draft.files.get(`model.${variant}.onnx`) ?? new Uint8Array();
const graphOf = (each: Imported, variant: string): GraphMessage => decodeModel(fileOf(each, variant)).graph;
const operatorsOf = (each: Imported, variant: string): string[] =>
  graphOf(each, variant).node.map(({ opType }) => opType);

const count = 6;
const pictures = randomPictures(count, netSize, netSize, 4);
const shape = [count, netSize, netSize, 3];

describe.each(['uint8', 'int8'] as const)('a TFLite file that computes with bytes (%s)', (type) => {
  let result: Imported;
  beforeAll(async () => {
    result = await imported(quantisedNet({ type }));
  });

  it('becomes a version with fp32 and int8, fp32 where nobody says otherwise', () => {
    const { variants, defaultVariant, signature } = result.draft.manifest;
    expect(Object.keys(variants)).toEqual(['fp32', 'int8']);
    expect(defaultVariant).toBe('fp32');
    expect(signature).toEqual({
      input: { name: 'images', type: 'uint8' },
      output: { name: 'probabilities', classes: netClasses },
    });
    expect(result.notes.filter((note) => note.startsWith('left out'))).toEqual([]);
  });

  it('takes the range of its pixels from the file', () => {
    expect(result.draft.manifest.normalisation).toMatchObject({ scale: 1 / 128, mean: [1, 1, 1], std: [1, 1, 1] });
    expect(result.notes).toContain(`range: the input takes ${type}: (pixel - 128) * 0.0078125`);
  });

  it('reads pictures as the bytes they are, without a cast or a scale', () => {
    expect(operatorsOf(result, 'int8').slice(0, 2)).toEqual(['Transpose', 'DequantizeLinear']);
    expect(operatorsOf(result, 'int8')).not.toContain('Cast');
  });

  it('leaves no padding, no clamping and no rounding of scores where bytes do it', () => {
    for (const operator of ['Pad', 'Clip', 'Relu']) expect(operatorsOf(result, 'int8')).not.toContain(operator);
    expect(operatorsOf(result, 'int8').at(-1)).toBe('Softmax');
    expect(operatorsOf(result, 'fp32')).not.toContain('Pad');
  });

  it('has the same scores in both variants, as far as rounding lets it', async () => {
    const [real, bytes] = await Promise.all(
      ['fp32', 'int8'].map((variant) => scoresOf(fileOf(result, variant), pictures, shape)),
    );
    for (const [at, score] of (real ?? []).entries()) expect(Math.abs((bytes?.[at] ?? 0) - score)).toBeLessThan(0.1);
  });

  it('keeps weights to the bit where a signed byte holds them, and else within half a step of a channel', () => {
    const { initializer } = graphOf(result, 'int8');
    const constant = (name: string): ArrayLike<number> => {
      const found = initializer.find((tensor) => tensor.name === name);
      expect(found).toBeDefined();
      return found ? tensorNumbers(found) : [];
    };
    const [codes, scales] = [constant('operator_0_weights'), constant('operator_0_scales')];
    const [kernel] = readTflite(quantisedNet({ type })).operators.map(({ inputs }) => inputs[1] ?? 0);
    const { bytes, quantisation } = readTflite(quantisedNet({ type })).tensors[kernel ?? 0] ?? {};
    const own = type === 'int8' ? new Int8Array(bytes ?? []) : (bytes ?? new Uint8Array());
    for (let channel = 0; channel < 8; channel += 1) {
      const place = type === 'int8' ? channel : 0;
      const [scale = 0, zero = 0] = [quantisation?.scale[place], quantisation?.zeroPoint[place]];
      const exact = Math.abs((scales[channel] ?? 0) - scale) < 1e-9;
      for (let at = 0; at < 27; at += 1) {
        // The file has height, width, channel; the graph channel, height, width.
        const ours = (codes[channel * 27 + (at % 3) * 9 + Math.floor(at / 3)] ?? 0) * (scales[channel] ?? 0);
        const theirs = ((own[channel * 27 + at] ?? 0) - zero) * scale;
        expect(Math.abs(ours - theirs)).toBeLessThan(exact ? 1e-6 : (scales[channel] ?? 0) * 0.501);
      }
    }
    expect(Array.from(scales).filter((scale) => Math.abs(scale - (quantisation?.scale[0] ?? 0)) < 1e-9)).not.toEqual(
      [],
    );
  });
});

describe('a TFLite file', () => {
  it('lets the options choose the default variant', async () => {
    const { draft } = await imported(quantisedNet({ type: 'int8' }), { variant: 'int8' });
    expect(draft.manifest.defaultVariant).toBe('int8');
    expect(Object.keys(draft.manifest.variants)).toEqual(['fp32', 'int8']);
  });

  it('is the same files every time', async () => {
    const [first, second] = [
      await imported(quantisedNet({ type: 'uint8' })),
      await imported(quantisedNet({ type: 'uint8' })),
    ];
    expect(first.draft).toEqual(second.draft);
  });

  it('with real numbers at its ends takes the range that its first quantiser was made for', async () => {
    const file = quantisedNet({ type: 'int8', floatEnds: true });
    const result = await imported(file);
    expect(result.notes).toContain('range: -1..1 (the first quantiser takes -1.00 to 0.99)');
    const given = await imported(file, { range: '0..1' });
    expect(given.draft.manifest.normalisation).toMatchObject({ scale: 1 / 255, mean: [0, 0, 0] });
  });

  /** Means of the channels, then a dense layer. */
  function floatNet(change: (file: TfliteWriter) => void = () => {}, batchless = false): Uint8Array {
    const file = new TfliteWriter();
    const input = file.input({ shape: [1, netSize, netSize, 3], signature: [-1, netSize, netSize, 3] });
    const axes = file.tensor({ shape: [2], type: 'int32', data: Int32Array.of(1, 2) });
    const means = file.operator('MEAN', [input, axes], { shape: [1, 3], signature: [-1, 3] }, { 0: { byte: 0 } });
    const weights = file.tensor({ shape: [netClasses, 3], data: numbers(netClasses * 3, 5) });
    const logits = file.operator('FULLY_CONNECTED', [means, weights, -1], { shape: [] }, { 0: { byte: 0 } });
    file.output(batchless ? file.operator('SQUEEZE', [logits], { shape: [netClasses] }, { 0: { ints: [] } }) : logits);
    change(file);
    return file.bytes();
  }

  it('of real numbers has one variant; its metadata say the range', async () => {
    const { draft, notes } = await imported(floatNet((file) => addNormalisation(file, [127.5], [127.5])));
    expect(Object.keys(draft.manifest.variants)).toEqual(['fp32']);
    expect(draft.manifest.normalisation).toMatchObject({
      scale: 1,
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
    });
    expect(notes).toContain('range: (pixel - 127.5) / 127.5 (the metadata say so)');
    expect(notes).toContain('activation: softmax (the output does not sum to 1: logits)');
  });

  it('that says nothing about its range is guessed to be as TensorFlow trains', async () => {
    const { notes } = await imported(floatNet());
    expect(notes).toContain('range: -1..1 (a guess: made by tensorflow lite, the graph does not scale)');
  });

  it('whose scores have lost the batch at the end takes several pictures all the same', async () => {
    const [kept, lost] = [await imported(floatNet()), await imported(floatNet(() => {}, true))];
    const scores = await scoresOf(fileOf(lost, 'fp32'), pictures, shape);
    expect(scores).toEqual(await scoresOf(fileOf(kept, 'fp32'), pictures, shape));
    expect(scores).toHaveLength(count * netClasses);
  });
});
