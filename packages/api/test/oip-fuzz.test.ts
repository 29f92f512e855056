import { RookeryError } from '@rookery/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { inferenceRequest } from '../src/oip/grpc/infer-message.ts';
import { ModelInferRequest } from '../src/oip/grpc/messages/infer.ts';
import { ProtobufError } from '../src/oip/grpc/protobuf/reader.ts';
import { writeContents } from '../src/oip/grpc/tensor-contents.ts';
import { readInferRequest } from '../src/oip/http/request-body.ts';
import { planOutputs } from '../src/oip/inference/outputs.ts';
import { picturesOf } from '../src/oip/inference/pictures.ts';
import { packElements } from '../src/oip/tensors/byte-elements.ts';
import type { InferenceRequest } from '../src/oip/tensors/tensor.ts';
import { aService, type TestService } from './a-service.ts';
import { imagesRequest } from './oip-requests.ts';

const seed = 20_261_124;

/** Mulberry32: the same numbers in every run. */
function randomNumbers(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomNumbers(seed);
const below = (limit: number): number => Math.floor(random() * limit);
const edges = [0, 1, 2, 8, 0x22, 0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xff];

/** Some bytes changed, put in, taken out or repeated. */
function mutated(bytes: Uint8Array): Buffer {
  let now = Buffer.from(bytes);
  for (let changes = 1 + below(6); changes > 0; changes--) {
    const at = below(now.length + 1);
    const length = below(12);
    const noise = Buffer.from(
      Array.from({ length }, () => (below(2) ? below(256) : (edges[below(edges.length)] ?? 0))),
    );
    switch (below(5)) {
      case 0:
        if (at < now.length) now[at] = edges[below(edges.length)] ?? 0;
        break;
      case 1:
        now = Buffer.concat([now.subarray(0, at), noise, now.subarray(at)]);
        break;
      case 2:
        now = Buffer.concat([now.subarray(0, at), now.subarray(Math.min(now.length, at + length))]);
        break;
      case 3:
        now = now.subarray(0, at);
        break;
      default:
        now = Buffer.concat([now.subarray(0, at), now.subarray(Math.max(0, at - length * 4))]);
    }
  }
  return now;
}

const signature = { width: 4, height: 4, input: 'uint8', classes: 10 } as const;
const limits = { pictures: 8, pictureBytes: 1_000 };

/** What a service does with a request before the first picture is decoded. @returns the bytes of its pictures */
function use(request: InferenceRequest): number {
  planOutputs(request, { classes: signature.classes, top: 3 });
  const { pictures } = picturesOf(request, signature, limits);
  return pictures.reduce((sum, it) => sum + (it.kind === 'encoded' ? it.bytes : it.pixels).byteLength, 0);
}

/** Whether it was taken; whatever else than a refusal is thrown fails the test. */
function taken(read: () => InferenceRequest): boolean {
  try {
    expect(use(read())).toBeLessThanOrEqual(limits.pictures * limits.pictureBytes);
    return true;
  } catch (thrown) {
    const refused =
      (thrown instanceof RookeryError && thrown.code !== 'INTERNAL') ||
      thrown instanceof z.ZodError ||
      thrown instanceof ProtobufError;
    if (!refused) throw thrown;
    return false;
  }
}

const pixels = Uint8Array.from({ length: 2 * 48 }, (_, i) => i);
const outputs = [{ name: 'probabilities', parameters: { classification: 2, binary_data: true } }, { name: 'labels' }];

describe(`40,000 mutations of requests (seed ${seed})`, () => {
  it('over HTTP: each is taken or refused with a reason, and holds no more than it may', () => {
    const binary = (input: object, data: Uint8Array) => {
      const parameters = { binary_data_size: data.length };
      return { json: { id: 'a', parameters: { top: 2 }, inputs: [{ ...input, parameters }], outputs }, data };
    };
    const elements = packElements([Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(9)]);
    const bodies = [
      binary({ name: 'images', shape: [3, 1], datatype: 'BYTES' }, elements),
      binary({ name: 'pixels', shape: [2, 4, 4, 3], datatype: 'UINT8' }, pixels),
      binary({ name: 'pixels', shape: [1, 4, 4, 3], datatype: 'FP32' }, new Uint8Array(48 * 4)),
      {
        json: {
          inputs: [
            { name: 'images', shape: [1], datatype: 'BYTES', data: ['AAEC'], parameters: { content_type: 'base64' } },
          ],
        },
        data: new Uint8Array(),
      },
      {
        json: { inputs: [{ name: 'pixels', shape: [2, 4, 4, 3], datatype: 'UINT8', data: [...pixels] }], outputs },
        data: new Uint8Array(),
      },
    ];
    let good = 0;
    for (let i = 0; i < 20_000; i++) {
      const { json, data } = bodies[i % bodies.length] ?? { json: {}, data: pixels };
      const header = Buffer.from(JSON.stringify(json));
      const whole = Buffer.concat([header, data]);
      // As long as it was, as long as it is, or anything.
      const [body, length] = below(3)
        ? [Buffer.concat([header, mutated(data)]), header.length]
        : [mutated(whole), below(2) ? header.length : below(whole.length + 20)];
      if (taken(() => readInferRequest(new Uint8Array(body), below(20) ? length : undefined))) good++;
    }
    // Neither everything nor nothing.
    expect(good).toBeGreaterThan(200);
    expect(good).toBeLessThan(15_000);
  });

  it('over gRPC: the same', () => {
    const of = (more: Partial<ModelInferRequest>): Buffer =>
      ModelInferRequest.encode({ ...ModelInferRequest.empty, model_name: 'birds', parameters: { top: 2 }, ...more });
    const input = (name: string, datatype: string, shape: number[], contents: Uint8Array = new Uint8Array()) => ({
      name,
      datatype,
      shape,
      parameters: {},
      contents,
    });
    const values = [Uint8Array.of(1, 2), Uint8Array.of()];
    const messages = [
      of({ inputs: [input('images', 'BYTES', [2, 1])], raw_input_contents: [packElements(values)] }),
      of({ inputs: [input('pixels', 'UINT8', [2, 4, 4, 3])], raw_input_contents: [pixels] }),
      of({
        inputs: [input('images', 'BYTES', [2], writeContents({ name: '', shape: [2], datatype: 'BYTES', values }))],
        outputs: [{ name: 'probabilities', parameters: { classification: 3 } }],
      }),
      of({
        inputs: [
          input(
            'pixels',
            'UINT8',
            [2, 4, 4, 3],
            writeContents({ name: '', shape: [], datatype: 'UINT8', values: pixels }),
          ),
        ],
      }),
    ];
    let good = 0;
    for (let i = 0; i < 20_000; i++) {
      const bytes = mutated(messages[i % messages.length] ?? pixels);
      if (taken(() => inferenceRequest(ModelInferRequest.decode(new Uint8Array(bytes))))) good++;
    }
    expect(good).toBeGreaterThan(200);
    expect(good).toBeLessThan(15_000);
  });
});

describe('a service that is sent 1,000 of them', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await aService();
  });
  afterAll(() => service[Symbol.asyncDispose]());

  it('answers each, and never with an error of its own', async () => {
    const { headers, payload } = imagesRequest([Uint8Array.of(1, 2, 3), Uint8Array.of(9)]);
    for (let i = 0; i < 1_000; i++) {
      const length = below(4) ? headers['inference-header-content-length'] : String(below(payload.length));
      const answer = await service.app.inject({
        method: 'POST',
        url: '/v2/models/content/infer',
        headers: { ...headers, 'inference-header-content-length': length },
        payload: mutated(payload),
      });
      expect(answer.statusCode, answer.payload).toBeLessThan(500);
      if (answer.statusCode !== 200) expect(answer.json()).toEqual({ error: expect.any(String) });
    }
  });
});
