import { describe, expect, it } from 'vitest';
import { TfliteWriter } from '../src/export/tflite/tflite-writer.ts';
import { importModel, sniffFormat } from '../src/index.ts';
import { readTflite } from '../src/tflite/read-tflite.ts';
import { tfliteToOnnx } from '../src/tflite/tflite-to-onnx.ts';
import { netClasses, quantisedNet } from './support/quantised-net.ts';
import { numbers } from './support/small-models.ts';

const refused = (code: string, detail: RegExp) => ({ code, detail: expect.stringMatching(detail) });
const labels = Array.from({ length: netClasses }, (_, n) => `class ${n}`);
const imported = (file: Uint8Array, options = {}) => importModel(file, { labels, source: 'small.tflite', ...options });

/** Both graphs of a file, without running them. */
function converted(file: Uint8Array): void {
  const model = readTflite(file);
  tfliteToOnnx(model, 'float32');
  tfliteToOnnx(model, 'int8');
}

/** What a damaged file may be: another one, or refused. */
function survives(file: Uint8Array): boolean {
  try {
    converted(file);
    return true;
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: expect.stringMatching(/^MODEL_(INVALID|OPERATOR_UNSUPPORTED)$/) });
    return false;
  }
}

function small(write: (file: TfliteWriter, input: number) => number, shape = [1, 8, 8, 3]): Uint8Array {
  const file = new TfliteWriter();
  file.output(write(file, file.input({ shape })));
  return file.bytes();
}

describe('a TFLite file that cannot be imported', () => {
  it('names an operator that is not known, its place and what it makes', async () => {
    const file = small((writer, input) => {
      const first = writer.operator('RELU', [input], { shape: [] });
      return writer.operator('RFFT2D', [first], { shape: [], name: 'spectrum' });
    });
    await expect(imported(file)).rejects.toMatchObject(
      refused('MODEL_OPERATOR_UNSUPPORTED', /^operator 1 RFFT2D, which makes "spectrum"$/),
    );
  });

  it('names a custom operator by its own name', async () => {
    const file = small((writer, input) =>
      writer.operator('CUSTOM', [input], { shape: [], name: 'boxes' }, {}, 'DetectThings'),
    );
    await expect(imported(file)).rejects.toMatchObject(
      refused('MODEL_OPERATOR_UNSUPPORTED', /^operator 0 custom "DetectThings", which makes "boxes"$/),
    );
  });

  it('says what of an operator is not known', () => {
    const file = small((writer, input) => {
      const list = writer.tensor({ shape: [3], type: 'int32', data: Int32Array.of(2, 8, 12) });
      const mixed = writer.operator('RESHAPE', [input, list], { shape: [2, 8, 12], name: 'mixed' });
      return writer.operator('RELU', [mixed], { shape: [] });
    });
    expect(() => converted(file)).toThrow(
      expect.objectContaining(refused('MODEL_OPERATOR_UNSUPPORTED', /0 RESHAPE.*"mixed": pictures are mixed/)),
    );
  });

  it('takes pictures in its own layout, and gives the variants that it has', async () => {
    const file = quantisedNet({ type: 'uint8' });
    await expect(imported(file, { layout: 'nchw' })).rejects.toMatchObject(refused('USAGE', /nhwc/));
    await expect(imported(file, { variant: 'fp16' })).rejects.toMatchObject(
      refused('USAGE', /gives fp32 and int8, not fp16/),
    );
  });

  it('is told apart from a file that only begins like one', async () => {
    const file = Buffer.concat([Buffer.from([28, 0, 0, 0]), Buffer.from('TFL3'), Buffer.alloc(32)]);
    expect(sniffFormat(file)).toBe('tflite');
    await expect(imported(file)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });

  it('is refused wherever it ends too early', () => {
    const file = quantisedNet({ type: 'int8' });
    for (let end = 8; end < file.length; end += 61) survives(file.slice(0, end));
    expect(survives(file.slice(0, file.length / 2))).toBe(false);
    expect(survives(file)).toBe(true);
  });

  it('is refused or another one after each of 500 mutations, and nothing else happens', () => {
    const file = quantisedNet({ type: 'uint8' });
    const random = numbers(3_000, 3).map((number) => number + 0.5);
    let refusals = 0;
    for (let n = 0; n < 500; n += 1) {
      const mutated = file.slice();
      for (let change = 0; change < 3; change += 1) {
        const at = Math.floor((random[n * 6 + change * 2] ?? 0) * mutated.length);
        mutated[at] = Math.floor((random[n * 6 + change * 2 + 1] ?? 0) * 256);
      }
      if (!survives(mutated)) refusals += 1;
    }
    expect(refusals).toBeGreaterThan(30);
  });

  it('may not make much out of little: constants that share their bytes', () => {
    const bytes = 1 << 22;
    const writer = new TfliteWriter();
    const input = writer.input({ shape: [1, 8, 8, 4] });
    const shared = writer.tensor({ shape: [bytes / 4], type: 'int8', data: new Int8Array(bytes / 4) });
    let value = input;
    for (let n = 0; n < 64; n += 1) value = writer.operator('DEQUANTIZE', [shared], { shape: [] });
    const sums = Array.from({ length: 64 }, () =>
      writer.operator('ADD', [input, shared], { shape: [] }, { 0: { byte: 0 } }),
    );
    writer.output(sums[0] ?? value);
    const before = process.memoryUsage().rss;
    expect(survives(writer.bytes())).toBe(false);
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  it.each([
    ['a picture too large', small((_, input) => input, [1, 100_000, 8, 3]), /up to 8192 pixels/],
    [
      'padding without end',
      small((writer, input) => {
        const amounts = Int32Array.of(0, 0, 0, 2 ** 30, 0, 2 ** 30, 0, 0);
        return writer.operator('PAD', [input, writer.tensor({ shape: [4, 2], type: 'int32', data: amounts })], {
          shape: [],
        });
      }),
      /has the shape/,
    ],
    [
      'weights for other channels',
      small((writer, input) => {
        const weights = writer.tensor({ shape: [4, 3, 3, 5], data: new Float32Array(180) });
        return writer.operator(
          'CONV_2D',
          [input, weights],
          { shape: [] },
          { 0: { byte: 0 }, 1: { int: 1 }, 2: { int: 1 } },
        );
      }),
      /weights of shape \[4,3,3,5\] for 3 channels/,
    ],
    [
      'a stride of nothing',
      small((writer, input) => {
        const weights = writer.tensor({ shape: [4, 3, 3, 3], data: new Float32Array(108) });
        return writer.operator(
          'CONV_2D',
          [input, weights],
          { shape: [] },
          { 0: { byte: 0 }, 1: { int: 0 }, 2: { int: 1 } },
        );
      }),
      /stride 0/,
    ],
    [
      'fewer numbers than its shape promises',
      small((writer, input) => {
        const weights = writer.tensor({ shape: [4, 3, 3, 3], data: new Float32Array(7) });
        return writer.operator(
          'CONV_2D',
          [input, weights],
          { shape: [] },
          { 0: { byte: 0 }, 1: { int: 1 }, 2: { int: 1 } },
        );
      }),
      /28 bytes where \[4,3,3,3\] of float32 wants 432/,
    ],
    [
      'another shape than it says itself',
      small((writer, input) => {
        const cut = writer.operator(
          'MAX_POOL_2D',
          [input],
          { shape: [1, 5, 5, 3] },
          {
            0: { byte: 0 },
            1: { int: 2 },
            2: { int: 2 },
            3: { int: 2 },
            4: { int: 2 },
            5: { byte: 0 },
          },
        );
        return writer.operator('RELU', [cut], { shape: [] });
      }),
      /would be \[1,4,4,3\]; the file says \[1,5,5,3\]/,
    ],
    [
      'an output that nothing makes',
      small((writer) => writer.tensor({ shape: [1, 5], name: 'scores' })),
      /"scores" is made by nothing/,
    ],
    [
      'a value that is read before it is made',
      small((writer) => writer.operator('RELU', [writer.tensor({ shape: [1, 5], name: 'later' })], { shape: [] })),
      /"later" is not made by then/,
    ],
  ])('is refused: %s', (_, file, detail) => {
    expect(() => converted(file)).toThrow(expect.objectContaining(refused('MODEL_INVALID', detail)));
  });
});
