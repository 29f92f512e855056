import { createHash } from 'node:crypto';
import { answersFor, type Rollout } from '@rookery/contracts';
import { beside } from '@rookery/models';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { publishVariation } from '../../models/test/a-variation.ts';
import { inferenceMethods } from '../src/oip/grpc/services.ts';
import { packElements } from '../src/oip/tensors/byte-elements.ts';
import { aService, type TestService } from './a-service.ts';
import { GrpcClient } from './grpc-client.ts';
import { binaryRequest, imagesRequest } from './oip-requests.ts';

const hashOf = (...pictures: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const picture of pictures) hash.update(picture);
  return hash.digest('hex');
};

let service: TestService;
let client: GrpcClient;
let rollout: Rollout;
let versions: { readonly stable: string; readonly canary: string };
/** Pictures that look the same and are not: what follows a JPEG's end is nobody's. */
let pictures: Buffer[];

beforeAll(async () => {
  let address = '';
  const onListening = (at: string): void => {
    address = at;
  };
  service = await aService({
    limits: { waitMs: 3_600_000, pendingPictures: 10_000 },
    grpc: { host: '127.0.0.1', port: 0, onListening },
  });
  await service.app.ready();
  client = new GrpcClient(address);
  const { registry } = service;
  versions = {
    stable: await publishVariation(registry, 'birds', 'first'),
    canary: await publishVariation(registry, 'birds', 'second'),
  };
  await registry.alias('birds', 'production', versions.stable);
  const change = { version: versions.canary, share: 0.4 };
  await registry.changeAlias('birds', 'production', (now) => now && beside(now, 'canary', change));
  rollout = await registry.rollout('birds');
  const grey = sharp({ create: { width: 32, height: 32, channels: 3, background: '#808080' } });
  const jpeg = await grey.jpeg().toBuffer();
  pictures = Array.from({ length: 40 }, (_, i) => Buffer.concat([jpeg, Buffer.from([i])]));
}, 60_000);
afterAll(async () => {
  client[Symbol.dispose]();
  await service[Symbol.asyncDispose]();
});

const versionOf = (...its: readonly Uint8Array[]): string => versions[answersFor(hashOf(...its), rollout)];

async function infer(request: ReturnType<typeof imagesRequest>, model = 'birds'): Promise<Record<string, unknown>> {
  const answer = await service.app.inject({ method: 'POST', url: `/v2/models/${model}/infer`, ...request });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

const labelsIn = (answer: Record<string, unknown>): unknown[] =>
  (answer.outputs as { name: string; data: unknown[] }[]).find(({ name }) => name === 'labels')?.data ?? [];

it('an alias is answered by its canary for its share of pictures, as everywhere, and the answer says by which version', async () => {
  const seen: unknown[] = [];
  for (const picture of pictures) {
    const answer = await infer(imagesRequest([picture], { parameters: { top: 5 } }));
    seen.push(answer.model_version);
    expect(labelsIn(answer)).toContain(answer.model_version === versions.canary ? 'second' : 'first');
    expect(labelsIn(answer)).not.toContain(answer.model_version === versions.canary ? 'first' : 'second');
  }
  expect(seen).toEqual(pictures.map((picture) => versionOf(picture)));
  expect(new Set(seen).size).toBe(2);
  const classified = await service.app.inject({
    method: 'POST',
    url: '/v1/classify?model=birds',
    headers: { 'content-type': 'image/jpeg' },
    payload: pictures[0] as Buffer,
  });
  const { model, images } = classified.json();
  expect(images[0].version ?? model.version).toBe(seen[0]);
  expect((await service.app.inject('/metrics')).body).toMatch(
    /rookery_rollout_pictures_total\{role="canary",service="api"\} [1-9]/,
  );
}, 60_000);

it('several pictures of one request meet one version: an answer names one', async () => {
  const seen: unknown[] = [];
  for (let at = 0; at + 4 <= pictures.length; at += 4) {
    const four = pictures.slice(at, at + 4);
    const { model_version: version } = await infer(imagesRequest(four));
    expect(version).toBe(versionOf(...four));
    seen.push(version);
  }
  expect(new Set(seen).size).toBe(2);
}, 60_000);

it('tensors meet a version by the hash of their values', async () => {
  const seen: unknown[] = [];
  for (let shade = 0; shade < 12; shade++) {
    const pixels = new Uint8Array(224 * 224 * 3).fill(shade * 20);
    const input = { name: 'pixels', shape: [1, 224, 224, 3], datatype: 'UINT8' };
    const request = { inputs: [{ ...input, parameters: { binary_data_size: pixels.length } }] };
    const { model_version: version } = await infer(binaryRequest(request, pixels));
    expect(version).toBe(versionOf(pixels));
    seen.push(version);
  }
  expect(new Set(seen).size).toBe(2);
}, 60_000);

it('a version that is asked for answers, whatever stands beside it', async () => {
  const [its] = pictures.filter((picture) => versionOf(picture) === versions.canary);
  const request = imagesRequest([its as Buffer]);
  expect(await infer(request, `birds/versions/${versions.stable}`)).toMatchObject({ model_version: versions.stable });
  expect(await infer(request, `birds/versions/${versions.canary}`)).toMatchObject({ model_version: versions.canary });
}, 60_000);

it('over gRPC too', async () => {
  for (const picture of pictures.slice(0, 12)) {
    const input = { name: 'images', datatype: 'BYTES', shape: [1, 1], parameters: {}, contents: new Uint8Array() };
    const request = {
      model_name: 'birds',
      model_version: '',
      id: '',
      parameters: {},
      inputs: [input],
      outputs: [],
      raw_input_contents: [packElements([picture])],
    };
    const { model_version: version } = await client.call(inferenceMethods.ModelInfer, request);
    expect(version).toBe(versionOf(picture));
  }
}, 60_000);
