import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPhotograph, aService, type TestService } from './a-service.ts';
import { aSmallPhotograph, binaryAnswer, binaryRequest, imagesRequest, textsIn } from './oip-requests.ts';

const infer = '/v2/models/content/infer';

describe('the Open Inference Protocol over HTTP', () => {
  let service: TestService;
  let photograph: Buffer;
  beforeAll(async () => {
    service = await aService();
    photograph = await aPhotograph();
  });
  afterAll(() => service[Symbol.asyncDispose]());

  const get = (url: string) => service.app.inject({ method: 'GET', url });
  const post = (url: string, request: object) => service.app.inject({ method: 'POST', url, ...request });
  const inputs = (picture: Buffer) => [
    {
      name: 'images',
      shape: [1],
      datatype: 'BYTES',
      data: [picture.toString('base64')],
      parameters: { content_type: 'base64' },
    },
  ];

  it('tells whether it lives, is ready, and who it is', async () => {
    expect((await get('/v2/health/live')).statusCode).toBe(200);
    expect((await get('/v2/health/ready')).json()).toEqual({ ready: true });
    expect((await get('/v2')).json()).toMatchObject({
      name: 'rookery',
      version: '0.0.0',
      extensions: expect.arrayContaining(['binary_tensor_data', 'classification']),
    });
  });

  it('describes a model, by its name and by its version', async () => {
    const { versions, ...metadata } = (await get('/v2/models/content')).json();
    expect(versions).toHaveLength(1);
    expect(metadata).toMatchObject({
      name: 'content',
      inputs: [
        { name: 'images', datatype: 'BYTES', shape: [-1, 1] },
        { name: 'pixels', datatype: 'FP32', shape: [-1, 224, 224, 3] },
      ],
      outputs: [
        { name: 'probabilities', datatype: 'FP32' },
        { name: 'labels', datatype: 'BYTES' },
        { name: 'scores', datatype: 'FP32' },
        { name: 'indices', datatype: 'INT32' },
      ],
    });
    expect((await get(`/v2/models/content/versions/${versions[0]}`)).json()).toMatchObject({ versions });
    expect((await get(`/v2/models/content/versions/${versions[0]}/ready`)).statusCode).toBe(200);
    expect((await get('/v2/models/content/config')).json()).toMatchObject({
      name: 'content',
      max_batch_size: 64,
      input: [
        { name: 'images', data_type: 'TYPE_STRING', dims: [1], optional: true },
        { name: 'pixels', data_type: 'TYPE_FP32', dims: [224, 224, 3], format: 'FORMAT_NHWC' },
      ],
    });
  });

  it('labels encoded pictures of the binary form, answered in the binary form', async () => {
    const request = imagesRequest([photograph, photograph], {
      id: 'mine',
      parameters: { binary_data_output: true, top: 2 },
    });
    const answer = await post(infer, request);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    const header = JSON.parse(answer.payload.slice(0, Number(answer.headers['inference-header-content-length'])));
    expect(header).toMatchObject({ model_name: 'content', id: 'mine' });
    expect(header.outputs.map(({ name, shape }: { name: string; shape: number[] }) => [name, shape])).toEqual([
      ['probabilities', [2, header.outputs[0].shape[1]]],
      ['labels', [2, 2]],
      ['scores', [2, 2]],
      ['indices', [2, 2]],
    ]);
    const { labels, scores, indices, probabilities } = binaryAnswer(answer);
    expect(textsIn(labels, 4)).toEqual(['safe', expect.any(String), 'safe', expect.any(String)]);
    const best = indices?.readInt32LE(0) ?? -1;
    expect(probabilities?.readFloatLE(best * 4)).toBe(scores?.readFloatLE(0));
  });

  it('labels the same in JSON, where base64 is declared, of the input or of the request', async () => {
    const outputs = [{ name: 'labels' }, { name: 'scores' }];
    const payload = { inputs: inputs(photograph), outputs, parameters: { top: 1 } };
    const answer = (await post(infer, { payload })).json();
    expect(answer.outputs).toEqual([
      { name: 'labels', datatype: 'BYTES', shape: [1, 1], data: ['safe'] },
      { name: 'scores', datatype: 'FP32', shape: [1, 1], data: [expect.closeTo(0.99, 1)] },
    ]);
    const { parameters: _, ...input } = { ...payload.inputs[0] };
    const whole = { inputs: [input], outputs, parameters: { top: 1, content_type: 'base64' } };
    expect((await post(infer, { payload: whole })).json().outputs).toEqual(answer.outputs);
  });

  it('gives the same numbers for pixels as for the picture that they are from', async () => {
    const { png, pixels } = await aSmallPhotograph();
    const probabilities = async (name: string, datatype: string, data: Uint8Array, parameters: object = {}) => {
      const input = { name, datatype, shape: name === 'images' ? [1, 1] : [1, 224, 224, 3] };
      const answer = await post(infer, {
        ...binaryRequest(
          {
            inputs: [{ ...input, parameters: { ...parameters, binary_data_size: data.length } }],
            outputs: [{ name: 'probabilities' }],
          },
          data,
        ),
      });
      expect(answer.payload).toContain('probabilities');
      return answer.json().outputs[0].data as number[];
    };
    const floats = (scale: number, offset = 0) =>
      Buffer.from(Float32Array.from(pixels, (it) => it * scale + offset).buffer);
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32LE(png.length);
    const expected = await probabilities('images', 'BYTES', Buffer.concat([prefix, png]));
    expect(expected.reduce((sum, it) => sum + it)).toBeCloseTo(1, 4);
    expect(await probabilities('pixels', 'UINT8', pixels)).toEqual(expected);
    expect(await probabilities('pixels', 'FP32', floats(1))).toEqual(expected);
    const fractions = await probabilities('pixels', 'FP32', floats(1 / 255), { range: '0..1' });
    for (const [index, score] of fractions.entries()) expect(score).toBeCloseTo(expected[index] ?? -1, 4);
  });

  it('takes pixels in JSON, nested or flat', async () => {
    const { pixels } = await aSmallPhotograph();
    const nested = [
      Array.from({ length: 224 }, (_, y) =>
        Array.from({ length: 224 }, (_, x) => Array.from(pixels.subarray((y * 224 + x) * 3, (y * 224 + x) * 3 + 3))),
      ),
    ];
    const label = async (data: unknown[], datatype: string) => {
      const input = { name: 'pixels', shape: [1, 224, 224, 3], datatype, data };
      const payload = { inputs: [input], outputs: [{ name: 'scores' }] };
      return (await post(infer, { payload })).json().outputs[0].data;
    };
    expect(await label(nested, 'UINT8')).toEqual(await label(Array.from(pixels), 'FP32'));
  });

  it('ranks classes in texts where the classification extension is asked for', async () => {
    const outputs = [{ name: 'probabilities', parameters: { classification: 2 } }];
    const [output] = (await post(infer, { payload: { inputs: inputs(photograph), outputs } })).json().outputs;
    expect(output).toMatchObject({ datatype: 'BYTES', shape: [1, 2] });
    expect(output.data[0]).toMatch(/^0\.\d{6}:\d+:safe$/);
  });

  it('says which picture cannot be decoded, and fails the request with it', async () => {
    const answer = await post(infer, imagesRequest([photograph, photograph.subarray(0, 5_000), Buffer.from('no')]));
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ error: expect.stringMatching(/^PICTURE_CORRUPT: .*images\[1\]/) });
  });

  it.each<[string, object, RegExp]>([
    [
      'another input',
      { inputs: [{ name: 'x', shape: [1], datatype: 'BYTES', data: ['a'] }] },
      /unexpected inference input 'x'/,
    ],
    ['no input', { inputs: [] }, /inputs/],
    [
      'two inputs',
      { inputs: ['images', 'pixels'].map((name) => ({ name, shape: [1], datatype: 'BYTES', data: ['a'] })) },
      /expected 1 input/,
    ],
    [
      'another datatype',
      { inputs: [{ name: 'images', shape: [1], datatype: 'FP32', data: [1] }] },
      /expected BYTES, got FP32/,
    ],
    [
      'another shape',
      { inputs: [{ name: 'pixels', shape: [1, 3, 224, 224], datatype: 'FP32', data: [1] }] },
      /expected \[-1,224,224,3\], got \[1,3,224,224\]/,
    ],
    [
      'too few values',
      { inputs: [{ name: 'pixels', shape: [1, 224, 224, 3], datatype: 'UINT8', data: [1] }] },
      /1 values, not the 150528/,
    ],
    ['no pictures', { inputs: [{ name: 'images', shape: [0], datatype: 'BYTES', data: [] }] }, /1 to 64/],
    [
      'too many pictures',
      { inputs: [{ name: 'images', shape: [65], datatype: 'BYTES', data: Array(65).fill('a') }] },
      /1 to 64/,
    ],
    [
      'an endless shape',
      { inputs: [{ name: 'pixels', shape: [1e15, 224, 224, 3], datatype: 'UINT8', data: [1] }] },
      /1 to 64/,
    ],
    ['no data', { inputs: [{ name: 'images', shape: [1], datatype: 'BYTES' }] }, /neither data/],
    [
      'text that is not base64',
      {
        inputs: [
          { name: 'images', shape: [1], datatype: 'BYTES', data: ['!?'], parameters: { content_type: 'base64' } },
        ],
      },
      /images\[0\] is not base64/,
    ],
    [
      'data of another type',
      { inputs: [{ name: 'images', shape: [1], datatype: 'BYTES', data: [1] }] },
      /BYTES are strings/,
    ],
    [
      'an unknown range',
      {
        inputs: [{ name: 'pixels', shape: [1, 224, 224, 3], datatype: 'FP32', data: [1], parameters: { range: 'x' } }],
      },
      /0\.\.255/,
    ],
    ['an input that is no list', { inputs: 'images' }, /inputs/],
    [
      'an id that is no text',
      { id: 7, inputs: [{ name: 'images', shape: [1], datatype: 'BYTES', data: ['a'] }] },
      /id/,
    ],
  ])('refuses %s', async (_, payload, message) => {
    const answer = await post(infer, { payload });
    expect(answer.json()).toEqual({ error: expect.stringMatching(message) });
    expect(answer.statusCode).toBe(400);
  });

  it.each<[string, object, RegExp]>([
    ['an unknown output', { outputs: [{ name: 'logits' }] }, /unexpected inference output 'logits'/],
    ['the same output twice', { outputs: [{ name: 'labels' }, { name: 'labels' }] }, /twice/],
    [
      'a classification that is no number',
      { outputs: [{ name: 'probabilities', parameters: { classification: 'all' } }] },
      /classification/,
    ],
    [
      'a classification of labels',
      { outputs: [{ name: 'labels', parameters: { classification: 1 } }] },
      /for 'probabilities'/,
    ],
    ['an impossible top', { parameters: { top: 0 } }, /top/],
    ['an impossible timeout', { parameters: { timeout: -1 } }, /microseconds/],
  ])('refuses %s', async (_, more, message) => {
    const answer = await post(infer, { payload: { inputs: inputs(photograph), ...more } });
    expect(answer.json()).toEqual({ error: expect.stringMatching(message) });
    expect(answer.statusCode).toBe(400);
  });

  it('ignores parameters and members that it does not know', async () => {
    const [input] = inputs(photograph);
    const payload = {
      inputs: [{ ...input, parameters: { content_type: 'base64', colour: 'red' }, more: 1 }],
      outputs: [{ name: 'labels', parameters: { sorted: true } }],
      parameters: { sequence_id: 7, priority: 1, nested: { a: 1 } },
      other: [],
    };
    expect((await post(infer, { payload })).statusCode).toBe(200);
  });

  it.each<[string, (body: Buffer, header: number) => { headers?: object; payload: Buffer }]>([
    [
      'JSON longer than the body',
      (payload) => ({ headers: { 'inference-header-content-length': '9999999' }, payload }),
    ],
    ['a length that is no number', (payload) => ({ headers: { 'inference-header-content-length': '-1' }, payload })],
    [
      'half of the JSON',
      (payload, header) => ({ headers: { 'inference-header-content-length': String(header - 4) }, payload }),
    ],
    [
      'the data cut off',
      (payload, header) => ({
        headers: { 'inference-header-content-length': String(header) },
        payload: payload.subarray(0, -9),
      }),
    ],
    [
      'data that belong to nobody',
      (payload, header) => ({
        headers: { 'inference-header-content-length': String(header) },
        payload: Buffer.concat([payload, Buffer.from('x')]),
      }),
    ],
    ['binary data without the header', (payload, header) => ({ payload: payload.subarray(0, header) })],
    ['nothing at all', () => ({ payload: Buffer.alloc(0) })],
    ['bytes that are no text', () => ({ payload: Buffer.from([0xff, 0xfe, 0x00]) })],
  ])('refuses %s', async (_, spoil) => {
    const { headers, payload } = imagesRequest([photograph]);
    const answer = await post(infer, spoil(payload, Number(headers['inference-header-content-length'])));
    expect(answer.json()).toEqual({ error: expect.any(String) });
    expect(answer.statusCode).toBe(400);
  });

  it.each([
    ['more bytes', ' '.repeat(33 << 20)],
    ['more lists', `[${'[],'.repeat(600_000)}`],
    ['more members', `{${'"a\\"":1,'.repeat(11_000)}`],
    ['more values', `[${'1,'.repeat(5_100_000)}`],
  ])('does not parse JSON of %s than a request needs', async (_, payload) => {
    const answer = await post(infer, { payload: Buffer.from(payload) });
    expect(answer.statusCode).toBe(413);
    expect(answer.json().error).toContain('binary tensor extension');
  });

  it.each([
    ['GET', '/v2/models/nobody', 404, /MODEL_NOT_FOUND/],
    ['GET', '/v2/models/nobody/ready', 404, /MODEL_NOT_FOUND/],
    ['GET', '/v2/models/content/versions/7', 404, /MODEL_NOT_FOUND/],
    ['GET', '/v2/models/..%2F..%2Fetc', 400, /REFERENCE_INVALID/],
    ['POST', '/v2/models/nobody/infer', 400, /parse/],
    ['GET', '/v2/models/content/infer', 405, /METHOD_NOT_ALLOWED/],
    ['GET', '/v2/anything', 404, /ROUTE_NOT_FOUND/],
    ['GET', '/v2/trace/setting', 501, /'trace'/],
    ['POST', '/v2/models/content/trace/setting', 501, /'trace'/],
    ['POST', '/v2/logging', 501, /'logging'/],
    ['GET', '/v2/systemsharedmemory/status', 501, /shared_memory/],
    ['POST', '/v2/cudasharedmemory/region/x/register', 501, /shared_memory/],
  ])('%s %s is %i, as the protocol says it', async (method, url, status, message) => {
    const answer = await service.app.inject({ method: method as 'GET', url });
    expect(answer.json()).toEqual({ error: expect.stringMatching(message) });
    expect(answer.statusCode).toBe(status);
  });

  it('lists the models, and loads and unloads them', async () => {
    const [first] = (await post('/v2/repository/index', { payload: { ready: true } })).json();
    expect(first).toMatchObject({ name: 'content', state: 'READY' });
    expect((await post('/v2/repository/index', {})).json()).toContainEqual(first);
    expect((await post('/v2/repository/models/content/load', {})).json()).toEqual({});
    const changed = await post('/v2/repository/models/content/load', { payload: { parameters: { config: '{}' } } });
    expect(changed.statusCode).toBe(501);
    // It answers requests that name no model.
    expect((await post('/v2/repository/models/content/unload', {})).json().error).toContain('MODEL_IN_USE');
    expect((await post('/v2/repository/models/nobody/unload', {})).statusCode).toBe(404);
  });

  it('counts what it did', async () => {
    const before = (await get('/v2/models/content/stats')).json().model_stats[0];
    await post(infer, imagesRequest([photograph, photograph]));
    await post(infer, imagesRequest([Buffer.from('no')]));
    const {
      model_stats: [after],
    } = (await get('/v2/models/stats')).json();
    expect(after.inference_count).toBe(before.inference_count + 2);
    expect(after.inference_stats.success.count).toBe(before.inference_stats.success.count + 1);
    expect(after.inference_stats.fail.count).toBe(before.inference_stats.fail.count + 1);
    expect(after.inference_stats.compute_infer.ns).toBeGreaterThan(before.inference_stats.compute_infer.ns);
  });

  it('gives up what takes longer than the request says', async () => {
    const answer = await post(infer, imagesRequest(Array(20).fill(photograph), { parameters: { timeout: 1_000 } }));
    expect(answer.statusCode).toBe(504);
    expect(answer.json().error).toContain('TIMED_OUT');
  });
});
