import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPhotograph, aService, type TestService } from './a-service.ts';

describe('POST /v1/classify', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await aService();
  });
  afterAll(() => service[Symbol.asyncDispose]());

  it('labels a picture sent as it is', async () => {
    const answer = await service.app.inject({
      method: 'POST',
      url: '/v1/classify?top=2',
      headers: { 'content-type': 'image/jpeg' },
      payload: await aPhotograph(),
    });
    expect(answer.statusCode).toBe(200);
    const { model, images } = answer.json();
    expect(model).toMatchObject({ name: 'content', digest: expect.stringMatching(/^sha256:/) });
    expect(images).toHaveLength(1);
    expect(images[0].predictions[0]).toMatchObject({ label: 'safe' });
    expect(images[0].predictions).toHaveLength(2);
  });
});
