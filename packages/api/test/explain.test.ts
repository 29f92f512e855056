import type { ClassifyResponse } from '@rookery/contracts';
import { openClassifier } from '@rookery/inference';
import { explainInThread } from '@rookery/optimizer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPhotograph, aService, type TestService } from './a-service.ts';
import { formOf } from './forms.ts';

describe('POST /v1/classify with explain', () => {
  let service: TestService;
  let photograph: Buffer;
  beforeAll(async () => {
    const open = { threads: 1, batch: 8, tuning: 'never', explainGraphs: explainInThread } as const;
    service = await aService({}, { open: (model) => openClassifier(model, open) });
    photograph = await aPhotograph();
  });
  afterAll(() => service[Symbol.asyncDispose]());

  const post = (payload: Buffer | object, headers: Record<string, string> = {}, query = '') =>
    service.app.inject({ method: 'POST', url: `/v1/classify${query}`, headers, payload });
  const explanationsOf = (answer: { json(): ClassifyResponse }) =>
    answer.json().images.map(({ explanation }) => explanation);

  it('says where the model looked, however the picture comes, and labels it as ever', async () => {
    const plain = await post(photograph, { 'content-type': 'image/jpeg' }, '?top=2');
    const form = formOf([
      { name: 'top', value: '2' },
      { name: 'explain', value: 'true' },
      { name: 'a', filename: 'canyon.jpg', bytes: photograph },
    ]);
    const answers = await Promise.all([
      post(photograph, { 'content-type': 'image/jpeg' }, '?top=2&explain=true'),
      post(form.payload, form.headers),
      post({ sources: [{ base64: photograph.toString('base64') }], top: 2, explain: true }),
    ]);
    expect(explanationsOf(plain)).toEqual([undefined]);
    const [first] = explanationsOf(answers[0]);
    expect(first).toMatchObject({ method: 'grad-cam', columns: 7, rows: 7, error: 0 });
    expect(first?.area).toEqual({ left: 0, top: 0, width: 1, height: 1 });
    for (const answer of answers) {
      const [image] = (answer.json() as ClassifyResponse).images;
      expect(image?.predictions).toEqual(plain.json().images[0].predictions);
      expect(image?.explanation).toEqual(first);
      expect(image?.explanation?.maps.map(({ label, index }) => ({ label, index }))).toEqual(
        image?.predictions?.map(({ label, index }) => ({ label, index })),
      );
      for (const { cells } of image?.explanation?.maps ?? []) {
        expect(cells).toHaveLength(49);
        expect([Math.min(...cells) >= 0, Math.max(...cells)]).toEqual([true, 1]);
      }
    }
  });

  it('explains the picture that can be, beside one that cannot be labelled', async () => {
    const base64 = photograph.toString('base64');
    const { images } = (
      await post({ sources: [{ base64 }, { base64: 'AAAA' }], top: 1, explain: true })
    ).json() as ClassifyResponse;
    expect(images.map(({ explanation, error }) => [explanation?.maps.length, error?.code])).toEqual([
      [1, undefined],
      [undefined, 'UNSUPPORTED_FORMAT'],
    ]);
  });

  it('explains only so many of a request', async () => {
    const form = formOf([
      { name: 'explain', value: 'true' },
      ...Array.from({ length: 9 }, (_, n) => ({ name: 'a', filename: `${n}.jpg`, bytes: photograph })),
    ]);
    const answers = await Promise.all([
      post({ sources: Array(9).fill({ base64: 'AAAA' }), explain: true }),
      post(form.payload, form.headers),
    ]);
    for (const answer of answers) {
      expect(answer.statusCode).toBe(413);
      expect(answer.json()).toMatchObject({ code: 'REQUEST_TOO_LARGE', detail: expect.stringContaining('at most 8') });
    }
  });

  it('covers parts of the picture where nothing is known of the head', async () => {
    await using masked = await aService();
    const { images } = (
      await masked.app.inject({
        method: 'POST',
        url: '/v1/classify?top=1&explain=true',
        headers: { 'content-type': 'image/jpeg' },
        payload: photograph,
      })
    ).json() as ClassifyResponse;
    expect(images[0]?.explanation).toMatchObject({ method: 'rise', columns: 14, rows: 14 });
    expect(images[0]?.explanation?.error).toBeGreaterThan(0);
  }, 60_000);
});
