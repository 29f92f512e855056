import { once } from 'node:events';
import { connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { createMetrics, openTracer, silentLogger } from '@rookery/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOtlpReceiver } from '../../telemetry/test/otlp/receiver.ts';
import type { KeyStore, StoredKey } from '../src/auth/key-store.ts';
import type {
  ModelInferRequest,
  ModelInferResponse,
  ModelStreamInferResponse,
} from '../src/oip/grpc/messages/infer.ts';
import { healthMethods, inferenceMethods } from '../src/oip/grpc/services.ts';
import { readContents, writeContents } from '../src/oip/grpc/tensor-contents.ts';
import { packElements } from '../src/oip/tensors/byte-elements.ts';
import { aPhotograph, aService, type TestService } from './a-service.ts';
import { asReceived, GrpcClient } from './grpc-client.ts';
import { aSmallPhotograph, textsIn } from './oip-requests.ts';

/** A service with gRPC, and a client of it. */
async function aGrpcService(options: Parameters<typeof aService>[0] = {}) {
  let address = '';
  const onListening = (at: string): void => {
    address = at;
  };
  const grpc = { host: '127.0.0.1', port: 0, onListening };
  const service = await aService({ ...options, grpc });
  await service.app.ready();
  return { service, address };
}

const inferRequest = (more: Partial<ModelInferRequest>): ModelInferRequest => ({
  model_name: 'content',
  model_version: '',
  id: '',
  parameters: {},
  inputs: [],
  outputs: [],
  raw_input_contents: [],
  ...more,
});
const input = (more: object) => ({
  name: 'images',
  datatype: 'BYTES',
  shape: [1],
  parameters: {},
  contents: new Uint8Array(),
  ...more,
});
const images = (...pictures: readonly Uint8Array[]): Partial<ModelInferRequest> => ({
  inputs: [input({ shape: [pictures.length, 1] })],
  raw_input_contents: [packElements(pictures)],
});
const rawOf = (response: ModelInferResponse, name: string): Buffer =>
  Buffer.from(response.raw_output_contents[response.outputs.findIndex((output) => output.name === name)] ?? []);

describe('the Open Inference Protocol over gRPC', () => {
  let service: TestService;
  let client: GrpcClient;
  let photograph: Buffer;
  beforeAll(async () => {
    const started = await aGrpcService();
    service = started.service;
    client = new GrpcClient(started.address);
    photograph = await aPhotograph();
  });
  afterAll(async () => {
    client[Symbol.dispose]();
    await service[Symbol.asyncDispose]();
  });
  const { ModelInfer, ModelStreamInfer, ...methods } = inferenceMethods;

  it('tells whether it lives, is ready, and who it is; also as gRPC health checks ask', async () => {
    expect(await client.call(methods.ServerLive, {})).toEqual({ live: true });
    expect(await client.call(methods.ServerReady, {})).toEqual({ ready: true });
    expect(await client.call(methods.ServerMetadata, {})).toMatchObject({ name: 'rookery', version: '0.0.0' });
    expect(await client.call(healthMethods.Check, { service: '' })).toEqual({ status: 1 });
  });

  it('knows its service by name as gRPC health checks ask, and no other', async () => {
    const { Check, Watch } = healthMethods;
    expect(await client.call(Check, { service: 'inference.GRPCInferenceService' })).toEqual({ status: 1 });
    const unknown = client.call(Check, { service: 'tensorflow.serving.PredictionService' });
    await expect(unknown).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details: expect.stringContaining("'tensorflow.serving.PredictionService'"),
    });
    await expect(client.raw(Check.path, Buffer.from([0x0a, 0xff]))).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
    // It could come to be: the watcher is told SERVICE_UNKNOWN and goes on.
    for (const [service, state] of [
      ['inference.GRPCInferenceService', 1],
      ['somebody.Else', 3],
    ] as const) {
      const watch = client.client.makeServerStreamRequest(
        Watch.path,
        Watch.requestSerialize,
        Watch.responseDeserialize,
        asReceived({ service }),
      );
      const [told] = await once(watch, 'data');
      expect(told).toEqual({ status: state });
      const ended = once(watch, 'end').then(() => 'ended');
      expect(await Promise.race([ended, sleep(300, 'open')])).toBe('open');
      watch.on('error', () => undefined);
      watch.cancel();
    }
  });

  it('describes a model', async () => {
    const content = { name: 'content', version: '' };
    expect(await client.call(methods.ModelReady, content)).toEqual({ ready: true });
    expect(await client.call(methods.ModelReady, { name: 'nobody', version: '' })).toEqual({ ready: false });
    const metadata = await client.call(methods.ModelMetadata, content);
    const overHttp = await service.app.inject({ url: '/v2/models/content' });
    expect(metadata).toEqual(overHttp.json());
    const { config } = await client.call(methods.ModelConfig, { name: 'content', version: metadata.versions[0] ?? '' });
    expect(config).toMatchObject({
      name: 'content',
      max_batch_size: 64,
      input: [{ data_type: 13 }, { dims: [224, 224, 3] }],
    });
  });

  it('labels raw contents and answers in raw contents, the same numbers as over HTTP', async () => {
    const response = await client.call(
      ModelInfer,
      inferRequest({ ...images(photograph, photograph), id: 'mine', parameters: { top: 2 } }),
    );
    expect(response).toMatchObject({ model_name: 'content', id: 'mine' });
    expect(response.outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['probabilities', [2, expect.any(Number)]],
      ['labels', [2, 2]],
      ['scores', [2, 2]],
      ['indices', [2, 2]],
    ]);
    expect(textsIn(rawOf(response, 'labels'), 4)[0]).toBe('safe');
    const overHttp = await service.app.inject({
      method: 'POST',
      url: '/v1/classify?top=1',
      headers: { 'content-type': 'image/jpeg' },
      payload: photograph,
    });
    expect(rawOf(response, 'scores').readFloatLE(0)).toBe(Math.fround(overHttp.json().images[0].predictions[0].score));
  });

  it('labels typed contents and answers in typed contents', async () => {
    const { png, pixels } = await aSmallPhotograph();
    const typed = (tensor: Parameters<typeof writeContents>[0], shape: number[]) =>
      client.call(
        ModelInfer,
        inferRequest({
          inputs: [input({ name: tensor.name, datatype: tensor.datatype, shape, contents: writeContents(tensor) })],
          outputs: [{ name: 'probabilities', parameters: {} }],
        }),
      );
    const shape = [1, 224, 224, 3];
    const encoded = await typed({ name: 'images', shape: [1], datatype: 'BYTES', values: [png] }, [1]);
    const whole = await typed({ name: 'pixels', shape, datatype: 'UINT8', values: pixels }, shape);
    const floats = await typed({ name: 'pixels', shape, datatype: 'FP32', values: Float32Array.from(pixels) }, shape);
    expect(encoded.raw_output_contents).toEqual([]);
    const { contents, shape: [, classes = 0] = [] } = encoded.outputs[0] ?? {};
    expect([...readContents(contents ?? new Uint8Array(), 'FP32', classes)].reduce((sum, it) => sum + it)).toBeCloseTo(
      1,
      4,
    );
    expect(whole.outputs).toEqual(encoded.outputs);
    expect(floats.outputs).toEqual(encoded.outputs);
  });

  it('ranks classes in texts where the classification extension is asked for', async () => {
    const outputs = [{ name: 'probabilities', parameters: { classification: 2 } }];
    const response = await client.call(ModelInfer, inferRequest({ ...images(photograph), outputs }));
    expect(response.outputs).toMatchObject([{ datatype: 'BYTES', shape: [1, 2] }]);
    expect(textsIn(rawOf(response, 'probabilities'), 2)[0]).toMatch(/^0\.\d{6}:\d+:safe$/);
  });

  it.each<[string, Partial<ModelInferRequest>, status, RegExp]>([
    ['a model that is not there', { model_name: 'nobody' }, status.NOT_FOUND, /MODEL_NOT_FOUND/],
    ['no name of a model', { model_name: '' }, status.INVALID_ARGUMENT, /names no model/],
    ['no input', {}, status.INVALID_ARGUMENT, /expected 1 input/],
    ['another input', { inputs: [input({ name: 'x' })] }, status.INVALID_ARGUMENT, /unexpected inference input 'x'/],
    [
      'an unknown output',
      { ...images(Buffer.from('a')), outputs: [{ name: 'x', parameters: {} }] },
      status.INVALID_ARGUMENT,
      /unexpected inference output 'x'/,
    ],
    ['a negative shape', { inputs: [input({ shape: [-1] })] }, status.INVALID_ARGUMENT, /1 to 64/],
    [
      'raw contents that do not fit the inputs',
      { ...images(Buffer.from('a')), raw_input_contents: [Buffer.alloc(1), Buffer.alloc(1)] },
      status.INVALID_ARGUMENT,
      /either all are raw/,
    ],
    [
      'raw contents that are cut off',
      { inputs: [input({})], raw_input_contents: [Buffer.from([9, 0, 0, 0, 1])] },
      status.INVALID_ARGUMENT,
      /has 9 bytes, 1 are left/,
    ],
    [
      'typed contents in another member',
      { inputs: [input({ contents: Buffer.from([0x10, 1]) })] },
      status.INVALID_ARGUMENT,
      /bytes_contents/,
    ],
    [
      'more typed contents than the shape takes',
      { inputs: [input({ contents: Buffer.from([0x42, 1, 1, 0x42, 1, 1]) })] },
      status.INVALID_ARGUMENT,
      /more than the 1 values/,
    ],
    [
      'a picture that cannot be decoded',
      images(Buffer.from('no')),
      status.INVALID_ARGUMENT,
      /UNSUPPORTED_FORMAT.*images\[0\]/,
    ],
  ])('refuses %s', async (_, request, code, details) => {
    const answer = client.call(ModelInfer, inferRequest(request));
    await expect(answer).rejects.toMatchObject({ code, details: expect.stringMatching(details) });
  });

  it('refuses bytes that are no message, and knows what it does not offer', async () => {
    const { path } = ModelInfer;
    await expect(client.raw(path, Buffer.from([0x0a, 0xff]))).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    const unknown = client.raw('/inference.GRPCInferenceService/SystemSharedMemoryStatus', Buffer.alloc(0));
    await expect(unknown).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
  });

  it('answers the requests of a stream in their order, those that fail with their error', async () => {
    const stream = client.stream(ModelStreamInfer);
    const answers: ModelStreamInferResponse[] = [];
    const done = new Promise<void>((resolve, reject) => {
      stream.on('data', (answer) => answers.push(answer));
      stream.on('end', resolve);
      stream.on('error', reject);
    });
    for (let i = 0; i < 20; i++) {
      const picture = i === 7 ? Buffer.from('no') : photograph;
      const outputs = [{ name: 'labels', parameters: {} }];
      stream.write(asReceived(inferRequest({ ...images(picture), id: `${i}`, outputs })));
    }
    stream.end();
    await done;
    expect(answers.map(({ infer_response: { id } }) => id)).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
    expect(answers.map(({ error_message }) => error_message).filter(Boolean)).toEqual([
      expect.stringContaining('UNSUPPORTED_FORMAT'),
    ]);
  });

  it('gives up what its caller does not wait for any more', async () => {
    const twenty = inferRequest(images(...Array<Buffer>(40).fill(photograph)));
    await expect(client.call(ModelInfer, twenty, { timeoutMs: 40 })).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
    const controller = new AbortController();
    const cancelled = client.call(ModelInfer, twenty, { signal: controller.signal });
    setTimeout(() => controller.abort(), 60);
    await expect(cancelled).rejects.toMatchObject({ code: status.CANCELLED });
    // Their places are free again long before they could all have been labelled.
    const after = await client.call(ModelInfer, inferRequest(images(photograph)));
    expect(after.outputs).toHaveLength(4);
  });

  it('gives up the requests of a stream whose caller vanishes', async () => {
    const stream = client.stream(ModelStreamInfer);
    stream.on('error', () => undefined);
    const users = () => service.models.loaded()[0]?.users;
    for (let i = 0; i < 4; i++) stream.write(asReceived(inferRequest(images(...Array<Buffer>(40).fill(photograph)))));
    await expect.poll(users, { interval: 2 }).toBeGreaterThan(0);
    stream.cancel();
    await expect.poll(users, { timeout: 10_000 }).toBe(0);
  });

  it('lists, loads, and counts', async () => {
    const { models } = await client.call(methods.RepositoryIndex, { repository_name: '', ready: true });
    expect(models).toMatchObject([{ name: 'content', state: 'READY' }]);
    await client.call(methods.RepositoryModelLoad, { repository_name: '', model_name: 'content', parameters: {} });
    const unload = client.call(methods.RepositoryModelUnload, {
      repository_name: '',
      model_name: 'content',
      parameters: {},
    });
    await expect(unload).rejects.toMatchObject({ code: status.FAILED_PRECONDITION });
    const { model_stats } = await client.call(methods.ModelStatistics, { name: 'content', version: '' });
    expect(model_stats[0]?.inference_stats.success.count).toBeGreaterThan(0);
  });
});

describe('calls of a service with keys', () => {
  const stored: Record<string, StoredKey> = {
    good: { id: '1', name: 'good', scopes: ['classify'] },
    other: { id: '2', name: 'other', scopes: ['jobs'] },
  };
  const keys: KeyStore = {
    find: (text) => stored[text],
    get: (id) => Object.values(stored).find((key) => key.id === id),
  };

  it('need one that may do what they ask, before anything of them is read', async () => {
    const { service, address } = await aGrpcService({ auth: { kind: 'keys', keys } });
    await using _ = service;
    using client = new GrpcClient(address);
    const named = { name: 'content', version: '' };
    const { ModelMetadata, RepositoryModelLoad, ServerReady } = inferenceMethods;
    expect(await client.call(ServerReady, {})).toEqual({ ready: true });
    expect(await client.call(healthMethods.Check, { service: '' })).toEqual({ status: 1 });
    const as = (authorization: string) => client.call(ModelMetadata, named, { metadata: { authorization } });
    expect(await as('Bearer good')).toMatchObject({ name: 'content' });
    await expect(client.call(ModelMetadata, named)).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    await expect(as('Bearer wrong')).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    await expect(as('Bearer other')).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
    const load = client.call(
      RepositoryModelLoad,
      { repository_name: '', model_name: 'content', parameters: {} },
      { metadata: { 'x-api-key': 'good' } },
    );
    await expect(load).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
    // More than a message may have: it is refused for its key, not for its size.
    const large = client.raw(inferenceMethods.ModelInfer.path, Buffer.alloc(65 << 20));
    await expect(large).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
  });

  it('whose key is revoked in a stream get what they asked for, and no more', async () => {
    let revoked = false;
    const get = () => (revoked ? undefined : stored.good);
    const { service, address } = await aGrpcService({ auth: { kind: 'keys', keys: { ...keys, get } } });
    await using _ = service;
    using client = new GrpcClient(address);
    const stream = client.stream(inferenceMethods.ModelStreamInfer, { metadata: { authorization: 'Bearer good' } });
    const answers: ModelStreamInferResponse[] = [];
    stream.on('data', (answer) => answers.push(answer));
    const ended = new Promise((resolve) => stream.on('error', resolve));
    const ask = async () => stream.write(asReceived(inferRequest(images(await aPhotograph()))));
    await ask();
    await expect.poll(() => answers.length).toBe(1);
    revoked = true;
    await ask();
    expect(await ended).toMatchObject({ code: status.UNAUTHENTICATED });
    expect(answers.map(({ error_message }) => error_message)).toEqual(['']);
  });

  it('are limited a minute', async () => {
    const { service, address } = await aGrpcService({ limits: { requestsPerMinute: 3 } });
    await using _ = service;
    using client = new GrpcClient(address);
    const ask = () => client.call(inferenceMethods.ModelReady, { name: 'content', version: '' });
    for (let i = 0; i < 3; i++) await ask();
    await expect(ask()).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });
});

describe('limits and ends', () => {
  it('a message larger than a request may be is refused', async () => {
    const { service, address } = await aGrpcService({ limits: { bodyBytes: 100_000 } });
    await using _ = service;
    using client = new GrpcClient(address);
    const large = client.call(inferenceMethods.ModelInfer, inferRequest(images(Buffer.alloc(200_000))));
    await expect(large).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });

  it('callers that send slowly are given up, and keep nobody else from being heard', async () => {
    const { service, address } = await aGrpcService({ limits: { bodyMs: 700 } });
    await using _ = service;
    using client = new GrpcClient(address);
    const session = connect(`http://${address}`);
    // Says that it has 1,000 bytes, and sends none of them.
    const unfinished = (path: string) => {
      const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
      const call = session.request(headers);
      call.write(Buffer.from([0, 0, 0, 3, 232]));
      return call;
    };
    // More than may send at the same time.
    const slow = Array.from({ length: 20 }, () => {
      const call = unfinished(inferenceMethods.ModelInfer.path);
      return new Promise((resolve) => call.once('response', (headers) => resolve(headers['grpc-status'])));
    });
    expect(await client.call(inferenceMethods.ServerLive, {})).toEqual({ live: true });
    expect(await client.call(healthMethods.Check, { service: '' })).toEqual({ status: 1 });
    // Those who ask how it is and never say of whom are told of the whole, and keep nobody waiting.
    const vague = Array.from({ length: 40 }, () => {
      const call = unfinished(healthMethods.Check.path);
      return once(call, 'data').then(([answer]) => {
        // Node 20 as a client damages its memory where a session goes with calls that were answered before they had ended.
        call.close();
        return (answer as Buffer).at(-1);
      });
    });
    const startedAt = performance.now();
    expect(await client.call(healthMethods.Check, { service: '' })).toEqual({ status: 1 });
    expect(performance.now() - startedAt).toBeLessThan(700);
    expect(new Set(await Promise.all(vague))).toEqual(new Set([1]));
    expect(new Set(await Promise.all(slow))).toEqual(new Set([String(status.DEADLINE_EXCEEDED)]));
    session.destroy();
    const answer = await client.call(inferenceMethods.ModelInfer, inferRequest(images(await aPhotograph())));
    expect(answer.outputs).toHaveLength(4);
  });

  it('a shutdown answers what is there, and ends streams and watchers', async () => {
    const { service, address } = await aGrpcService();
    using client = new GrpcClient(address);
    const photograph = await aPhotograph();
    const stream = client.stream(inferenceMethods.ModelStreamInfer);
    const answers: ModelStreamInferResponse[] = [];
    stream.on('data', (answer) => answers.push(answer));
    const ended = new Promise((resolve) => stream.on('error', resolve));
    stream.write(asReceived(inferRequest({ ...images(photograph), id: 'a' })));
    await expect.poll(() => answers.length).toBe(1);
    const watch = client.client.makeServerStreamRequest(
      healthMethods.Watch.path,
      healthMethods.Watch.requestSerialize,
      healthMethods.Watch.responseDeserialize,
      asReceived({ service: '' }),
    );
    const states: number[] = [];
    const watched = new Promise((resolve) => watch.on('end', resolve));
    watch.on('data', ({ status: state }: { status: number }) => states.push(state));
    await expect.poll(() => states).toEqual([1]);
    const many = images(...Array<Buffer>(16).fill(photograph));
    const last = client.call(inferenceMethods.ModelInfer, inferRequest(many));
    await expect.poll(() => service.models.loaded()[0]?.users, { interval: 2 }).toBe(1);
    service.drain();
    expect(await last).toMatchObject({ model_name: 'content' });
    expect(await ended).toMatchObject({ code: status.UNAVAILABLE });
    await watched;
    expect(states).toEqual([1, 2]);
    await service[Symbol.asyncDispose]();
    const after = client.call(inferenceMethods.ServerLive, {}, { timeoutMs: 500 });
    await expect(after).rejects.toMatchObject({ code: expect.any(Number) });
  });
});

it("goes on with the trace of a call's metadata", async () => {
  await using receiver = await startOtlpReceiver();
  const options = { url: `${receiver.url}/v1/traces`, service: 'serve', version: '0', log: silentLogger };
  const tracer = await openTracer({ ...options, metrics: createMetrics({ service: 'serve', process: false }) });
  const { service, address } = await aGrpcService({ tracer });
  using client = new GrpcClient(address);
  const { ModelInfer } = inferenceMethods;
  const metadata = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
  await client.call(ModelInfer, inferRequest(images(await aPhotograph())), { metadata });
  await expect(client.call(ModelInfer, inferRequest({ model_name: 'nobody' }), { metadata })).rejects.toThrow();
  await service[Symbol.asyncDispose]();
  await tracer[Symbol.asyncDispose]();
  const calls = receiver.spans.filter(({ kind }) => kind === 'server');
  expect(calls.map(({ name, parentSpanId, failed }) => [name, parentSpanId, failed])).toEqual(
    Array(2).fill(['inference.GRPCInferenceService/ModelInfer', '00f067aa0ba902b7', false]),
  );
  const parts = receiver.spans.filter(({ parentSpanId }) => parentSpanId === calls[0]?.spanId);
  expect(parts.map(({ name }) => name).sort()).toEqual(['decode', 'infer']);
});
