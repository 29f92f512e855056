import { describe, expect, it } from 'vitest';
import { importModel, labelsInside } from '../src/index.ts';
import { type GraphBuilder, makeNode, valueInfo } from '../src/onnx/graph-builder.ts';
import type { GraphMessage } from '../src/onnx/messages.ts';
import { floatTensor } from '../src/onnx/tensor.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { ownScores } from './support/own-scores.ts';
import { scoresOf } from './support/run-graph.ts';
import { expectScores, graphFile, graphOf, imported, operators } from './support/served.ts';
import { dense, fileOf, labels, numbers, size, smallModel, softmax } from './support/small-models.ts';

const pictures = randomPictures(5, size, size, 3);
const mean = [0.485, 0.456, 0.406] as const;
const std = [0.229, 0.224, 0.225] as const;

describe('an imported ONNX model', () => {
  it('gives the probabilities of the model itself: NCHW, mean and std, logits', async () => {
    const file = fileOf(smallModel());
    const result = await imported(file, { range: 'imagenet' });
    const logits = await ownScores(file, pictures, { scale: 1 / 255, mean, std });
    await expectScores(result, pictures, logits.map(softmax));
    expect(result.notes).toContain('activation: softmax (the output does not sum to 1: logits)');
    expect(result.draft.manifest.normalisation).toEqual({
      layout: 'nchw',
      channels: 'rgb',
      scale: 1 / 255,
      mean: [...mean],
      std: [...std],
    });
  });

  it('takes BGR in 0 to 255 with means, and says why', async () => {
    const means = [103.939, 116.779, 123.68];
    const subtract = (graph: GraphBuilder, value: string): string =>
      graph.node('Sub', [value, graph.floats('mean', [3, 1, 1], means)]);
    const file = fileOf(smallModel({ front: subtract }));
    const result = await imported(file);
    await expectScores(result, pictures, (await ownScores(file, pictures, { bgr: true })).map(softmax));
    expect(result.notes.join()).toMatch(/channels: bgr \(the graph subtracts 103.9, 116.8, 123.7\)/);
    expect(result.notes.join()).toMatch(/range: 0\.\.255/);
  });

  it('takes NHWC and float16, and gives float32', async () => {
    const file = fileOf(smallModel({ layout: 'nhwc', type: 'float16', opset: 12 }));
    const result = await imported(file, { range: '0..1' });
    const reference = fileOf(smallModel({ layout: 'nhwc' }));
    const logits = await ownScores(reference, pictures, { layout: 'nhwc', scale: 1 / 255 });
    await expectScores(result, pictures, logits.map(softmax), 2);
    expect(result.draft.manifest.defaultVariant).toBe('fp16');
  });

  it('takes uint8 as it is', async () => {
    const file = fileOf(smallModel({ layout: 'nhwc', type: 'uint8' }));
    const result = await imported(file);
    await expectScores(
      result,
      pictures,
      (await ownScores(file, pictures, { layout: 'nhwc', type: 'uint8' })).map(softmax),
    );
    expect(result.notes).toContain('range: 0..255 (the input is uint8)');
  });

  it('takes weights from files beside it, as one file would have them', async () => {
    const whole = smallModel();
    const apart = smallModel();
    const head = new Uint8Array(12);
    const data: Uint8Array[] = [head];
    let offset = head.length;
    for (const tensor of apart.graph.initializer.slice(0, 3)) {
      const bytes = tensor.rawData ?? new Uint8Array();
      const where = { location: 'deep/weights.data', offset: `${offset}`, length: `${bytes.length}` };
      tensor.externalData = Object.entries(where).map(([key, value]) => ({ key, value }));
      tensor.dataLocation = 1;
      delete tensor.rawData;
      data.push(bytes);
      offset += bytes.length;
    }
    const asked: string[] = [];
    const read = async (path: string) => {
      asked.push(path);
      return Buffer.concat(data);
    };
    const options = { labels, source: 'm.onnx', range: '0..1' } as const;
    const { draft } = await importModel(fileOf(apart), options, read);
    expect(draft.files).toEqual((await importModel(fileOf(whole), options)).draft.files);
    expect(asked).toEqual(['deep/weights.data']);
  });

  it('takes int8 as pixels less 128, and says so', async () => {
    const file = fileOf(smallModel({ type: 'int8' }));
    const result = await imported(file);
    const own = { type: 'int8', mean: [128, 128, 128] } as const;
    await expectScores(result, pictures, (await ownScores(file, pictures, own)).map(softmax));
    expect(result.notes).toContain('range: -128..127 (the input is int8)');
  });

  it('takes a range that is said for int8, rounded as pictures are', async () => {
    const file = fileOf(smallModel({ type: 'int8', layout: 'nhwc' }));
    const result = await imported(file, { scale: 0.25, mean: [0, 0, 0], std: [1, 1, 1] });
    const rounded = pictures.map((value) => Math.floor(value / 4 + 0.5));
    const scores = await ownScores(file, rounded, { type: 'int8', layout: 'nhwc' });
    await expectScores(result, pictures, scores.map(softmax));
  });

  it.each(['int64', 'int16', 'uint16', 'uint32', 'uint64'] as const)('takes %s as it takes uint8', async (type) => {
    const file = fileOf(smallModel({ type }));
    const result = await imported(file);
    const reference = fileOf(smallModel({ type: 'uint8' }));
    await expectScores(result, pictures, (await ownScores(reference, pictures, { type: 'uint8' })).map(softmax));
    expect(result.notes).toContain(`range: 0..255 (the input is ${type})`);
    // A batch of any size, and one that the file fixes.
    const fixed = await imported(fileOf(smallModel({ type, batch: 1 })));
    await expectScores(fixed, pictures, (await ownScores(reference, pictures, { type: 'uint8' })).map(softmax));
  });

  it('takes bfloat16', async () => {
    const result = await imported(fileOf(smallModel({ type: 'bfloat16' })), { range: '0..255' });
    const reference = fileOf(smallModel({ type: 'uint8' }));
    // Whole numbers to 255 are bfloat16 numbers too.
    await expectScores(result, pictures, (await ownScores(reference, pictures, { type: 'uint8' })).map(softmax));
  });

  it.each([9, 11, 12, 13, 17, 21])('takes operator set %i', async (opset) => {
    const file = fileOf(smallModel({ opset }));
    const result = await imported(file, { range: '-1..1' });
    await expectScores(
      result,
      pictures,
      (await ownScores(file, pictures, { scale: 1 / 127.5, mean: [1, 1, 1] })).map(softmax),
    );
  });

  it('leaves out inputs that a converter left behind and nothing reads, and says so', async () => {
    const model = smallModel();
    model.graph.input.push(valueInfo('mean', 'float32', [1, 1, 1, 3]));
    const result = await imported(fileOf(model), { range: '0..1' });
    expect(result.notes).toContain('inputs that nothing reads are not asked for (mean)');
    expect(graphOf(result).input).toHaveLength(1);
    await expectScores(
      result,
      pictures,
      (await ownScores(fileOf(smallModel()), pictures, { scale: 1 / 255 })).map(softmax),
    );
  });

  it('takes files of the time when constants had to be inputs', async () => {
    const model = smallModel({ opset: 9 });
    model.irVersion = 3;
    const described = model.graph.initializer.map(({ name, dims }) => ({
      name,
      type: { tensorType: { elemType: 1, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
    }));
    model.graph.input = [...described, ...model.graph.input];
    const file = fileOf(model);
    const result = await imported(file, { range: '0..1' });
    await expectScores(
      result,
      pictures,
      (await ownScores(fileOf(smallModel({ opset: 9 })), pictures, { scale: 1 / 255 })).map(softmax),
    );
    expect(graphOf(result).input).toHaveLength(1);
  });

  it('picks the output that has as many numbers as there are labels', async () => {
    const model = smallModel({
      head: (graph, features) => graph.node('Softmax', [dense(graph, features)], { axis: 1 }),
    });
    const pooled = model.graph.node.find(({ opType }) => opType === 'Flatten')?.output[0] ?? '';
    model.graph.output = [
      { name: pooled, type: { tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'batch' }, { dimValue: 8 }] } } } },
      ...model.graph.output,
    ];
    const result = await imported(fileOf(model), { range: '0..1' });
    expect(graphOf(result).output).toHaveLength(1);
    expect(result.notes.join()).toMatch(/output: softmax_\d+ of flatten_\d+, softmax_\d+ \(5 numbers/);
    expect(result.notes).toContain('activation: none (the graph ends with Softmax)');
  });

  it('makes scores of several labels a picture by sigmoid, where that is asked for', async () => {
    const file = fileOf(smallModel());
    const result = await imported(file, { range: '0..1', activation: 'sigmoid' });
    const logits = await ownScores(file, pictures, { scale: 1 / 255 });
    await expectScores(
      result,
      pictures,
      logits.map((row) => row.map((logit) => 1 / (1 + Math.exp(-logit)))),
    );
  });

  it('flattens scores that still have a height and a width', async () => {
    const model = smallModel({
      head: (graph, features) =>
        graph.node('Reshape', [dense(graph, features), graph.ints('shape', [4], [-1, 5, 1, 1])]),
      outputDims: ['batch', 5, 1, 1],
    });
    const result = await imported(fileOf(model), { range: '0..1' });
    await expectScores(result, pictures, (await ownScores(fileOf(model), pictures, { scale: 1 / 255 })).map(softmax));
  });

  it('keeps fractions where the kernel gives fractions', async () => {
    const result = await imported(fileOf(smallModel()), { range: '0..1', kernel: 'bilinear-align-corners' });
    expect(result.draft.manifest.signature.input).toEqual({ name: 'images', type: 'float32' });
  });

  it('leaves resizing to the decoder where the kernel is one of its own', async () => {
    const { draft } = await imported(fileOf(smallModel()), { range: '0..1', kernel: 'lanczos3' });
    expect([...draft.files.keys()]).toEqual(['model.fp32.onnx', 'labels.txt']);
  });

  it('is the same files every time, in a version that names no time or machine', async () => {
    const file = fileOf(smallModel({ batch: 1 }));
    const [first, second] = [await imported(file, { range: 'imagenet' }), await imported(file, { range: 'imagenet' })];
    expect(first.draft).toEqual(second.draft);
    expect(Buffer.from(first.draft.files.get('labels.txt') ?? []).toString()).toBe(`${labels.join('\n')}\n`);
  });

  it('does in two nodes what is left to be done to a padded picture: one transposition of bytes, one cast, one shift', async () => {
    const result = await imported(fileOf(smallModel({ layout: 'nhwc' })), { range: 'imagenet' });
    expect(operators(result).slice(0, 4)).toEqual(['Transpose', 'Cast', 'Add', 'Conv']);
    expect(operators(result)).not.toContain('BatchNormalization');
  });

  it('folds all of it into a convolution that does not pad', async () => {
    const file = fileOf(smallModel({ padding: 0 }));
    const result = await imported(file, { range: 'imagenet', channels: 'bgr' });
    expect(operators(result).slice(0, 3)).toEqual(['Transpose', 'Cast', 'Conv']);
    const logits = await ownScores(file, pictures, {
      scale: 1 / 255,
      mean: mean.toReversed(),
      std: std.toReversed(),
      bgr: true,
    });
    await expectScores(result, pictures, logits.map(softmax));
  });

  it('takes a model whose input is read in several places', async () => {
    const twice = (graph: GraphBuilder, value: string): string =>
      graph.node('Mul', [
        value,
        graph.node('Add', [graph.node('GlobalAveragePool', [value]), graph.floats('one', [], [1])]),
      ]);
    const file = fileOf(smallModel({ front: twice }));
    const result = await imported(file, { range: 'imagenet' });
    await expectScores(result, pictures, (await ownScores(file, pictures, { scale: 1 / 255, mean, std })).map(softmax));
  });

  it('takes a model with branches that read values from outside', async () => {
    const branches = (graph: GraphBuilder, features: string): string => {
      const logits = dense(graph, features);
      const branch = (name: string, operator: string): GraphMessage => ({
        name,
        node: [makeNode(operator, [logits], [`${name}_out`])],
        initializer: [],
        input: [],
        output: [valueInfo(`${name}_out`, 'float32', ['batch', 5])],
        valueInfo: [],
      });
      const condition = graph.node('Less', [graph.floats('low', [], [1]), graph.floats('high', [], [2])]);
      return graph.node('If', [condition], {
        then_branch: { graph: branch('then', 'Neg') },
        else_branch: { graph: branch('else', 'Identity') },
      });
    };
    const file = fileOf(smallModel({ head: branches }));
    const result = await imported(file, { range: '0..1' });
    await expectScores(result, pictures, (await ownScores(file, pictures, { scale: 1 / 255 })).map(softmax));
  });

  it('takes the size that is asked for where the model takes any', async () => {
    const model = smallModel();
    const shape = model.graph.input[0]?.type?.tensorType?.shape;
    if (shape) shape.dim = [{ dimParam: 'n' }, { dimValue: 3 }, { dimParam: 'h' }, { dimParam: 'w' }];
    const { draft } = await imported(fileOf(model), { range: '0..1', width: 40, height: 30 });
    expect(draft.manifest.preprocessing).toMatchObject({ width: 40, height: 30 });
    expect((await imported(fileOf(model), { range: '0..1' })).notes).toContain(
      'width: 224 (a guess: the model takes any)',
    );
  });

  it('guesses that pixels are not scaled where the first convolution has a scale of 1/255 in it', async () => {
    const model = smallModel();
    const weights = model.graph.initializer.find(({ name }) => name === 'w');
    const small = floatTensor(
      'w',
      [8, 3, 3, 3],
      numbers(216, 1).map((number) => number / 255),
    );
    Object.assign(weights ?? {}, small);
    const { notes } = await imported(fileOf(model));
    expect(notes).toContain('range: 0..255 (a guess: the first convolution has the weights for it)');
  });

  it('gives rows of scores where the model would give maps from label to score', async () => {
    const plain = smallModel({
      head: (graph, features) => graph.node('Softmax', [dense(graph, features)], { axis: 1 }),
    });
    const model = structuredClone(plain);
    const [probabilities] = model.graph.output;
    const map = makeNode('ZipMap', [probabilities?.name ?? ''], ['loss']);
    const classes = { name: 'classlabels_strings', type: 8, strings: labels.map((label) => Buffer.from(label)) };
    model.graph.node.push({ ...map, domain: 'ai.onnx.ml', attribute: [classes] });
    const text = valueInfo('classLabel', 'float32', ['batch']);
    if (text.type?.tensorType) text.type.tensorType.elemType = 8;
    model.graph.output = [text, { name: 'loss' }];
    model.opsetImport.push({ domain: 'ai.onnx.ml', version: 2 });
    const file = fileOf(model);
    expect(labelsInside(file)).toEqual({ labels, where: 'its ZipMap' });
    const shape = [5, size, size, 3];
    const scores = async (of: Uint8Array) => scoresOf(graphFile(await imported(of)), pictures, shape);
    expect(await scores(file)).toEqual(await scores(fileOf(plain)));
  });

  it('takes a graph that turns the colours around itself for what it is', async () => {
    const model = smallModel({
      front: (graph, value) =>
        graph.node('Sub', [
          graph.node('Gather', [value, graph.list([2, 1, 0])], { axis: 1 }),
          graph.floats('means', [1, 3, 1, 1], [103.939, 116.779, 123.68]),
        ]),
    });
    const { notes } = await imported(fileOf(model));
    expect(notes).toEqual(
      expect.arrayContaining(['channels: rgb (a guess)', 'range: 0..255 (the graph subtracts means)']),
    );
  });

  it.each([
    ['pytorch', 'imagenet'],
    ['tf2onnx', '-1..1'],
    ['somebody', '0..1'],
  ])('guesses the range by its maker where nothing else tells: %s, %s', async (producerName, range) => {
    const { notes } = await imported(fileOf({ ...smallModel(), producerName }));
    expect(notes.find((note) => note.startsWith('range: '))).toMatch(
      new RegExp(`^range: ${range.replace('..', '\\.\\.')} \\(a guess`),
    );
  });

  it('believes the metadata that Windows reads', async () => {
    const metadataProps = [
      { key: 'Image.BitmapPixelFormat', value: 'Bgr8' },
      { key: 'Image.NominalPixelRange', value: 'NominalRange_0_255' },
    ];
    const file = fileOf({ ...smallModel(), metadataProps });
    const result = await imported(file);
    expect(result.draft.manifest.normalisation).toMatchObject({ channels: 'bgr', scale: 1, mean: [0, 0, 0] });
    await expectScores(result, pictures, (await ownScores(file, pictures, { bgr: true })).map(softmax));
  });

  it.each([
    ['data', 'images'],
    ['images', 'picture'],
    ['front_cast', 'probabilities'],
  ])('keeps names apart: an input %s, a value inside %s', async (name, inside) => {
    const model = smallModel({ head: (graph, features) => dense(graph, graph.node('Neg', [features], {}, inside)) });
    const [input] = model.graph.input;
    if (input) input.name = name;
    for (const node of model.graph.node) node.input = node.input.map((each) => (each === 'data' ? name : each));
    const file = fileOf(model);
    const result = await imported(file, { range: '0..1' });
    await expectScores(result, pictures, (await ownScores(file, pictures, { scale: 1 / 255 })).map(softmax));
    expect(graphOf(result).input.map((each) => each.name)).toEqual(['images']);
  });
});
