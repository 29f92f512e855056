import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPhotograph, aService, type TestService } from './a-service.ts';
import { formOf } from './forms.ts';

describe('POST /v1/classify', () => {
  let service: TestService;
  let photograph: Buffer;
  beforeAll(async () => {
    service = await aService();
    photograph = await aPhotograph();
  });
  afterAll(() => service[Symbol.asyncDispose]());

  const post = (payload: Buffer | object, headers: Record<string, string> = {}, query = '') =>
    service.app.inject({ method: 'POST', url: `/v1/classify${query}`, headers, payload });

  it('labels a picture sent as it is', async () => {
    const answer = await post(photograph, { 'content-type': 'image/jpeg' }, '?top=2');
    expect(answer.statusCode).toBe(200);
    const { model, images, timings } = answer.json();
    expect(model).toEqual({
      name: 'content',
      version: expect.any(String),
      variant: expect.any(String),
      digest: expect.stringMatching(/^sha256:/),
    });
    expect(images).toEqual([
      {
        source: '0',
        width: expect.any(Number),
        height: expect.any(Number),
        predictions: [
          { label: 'safe', index: 2, score: expect.closeTo(0.998, 2) },
          { label: expect.any(String), index: expect.any(Number), score: expect.any(Number) },
        ],
      },
    ]);
    expect(timings.totalMs).toBeGreaterThan(0);
  });

  it('takes a part that is said to be a picture for a file, whether it has a name or not', async () => {
    const head = '--x\r\ncontent-disposition: form-data; name="a"\r\ncontent-type: image/jpeg\r\n\r\n';
    const payload = Buffer.concat([Buffer.from(head), photograph, Buffer.from('\r\n--x--\r\n')]);
    const answer = await post(payload, { 'content-type': 'multipart/form-data; boundary=x' });
    expect(answer.json()).toMatchObject({ images: [{ source: '0', predictions: [{ label: 'safe' }, {}, {}] }] });
  });

  it('says of a model that is missing not where it looked', async () => {
    const good = { base64: photograph.toString('base64') };
    const missing = await post({ sources: [good], model: 'nowhere' });
    expect(missing.json()).toMatchObject({ status: 404, detail: 'nowhere: nothing is called nowhere in the registry' });
  });

  it('labels the files of a form in their order, the bad one in its place', async () => {
    const form = formOf([
      { name: 'top', value: '1' },
      { name: 'a', filename: 'canyon.jpg', bytes: photograph },
      { name: 'b', filename: 'text.jpg', bytes: Buffer.from('no picture') },
      { name: 'c', filename: 'empty.jpg', bytes: Buffer.alloc(0) },
      { name: 'd', filename: 'again.jpg', bytes: photograph },
    ]);
    const answer = await post(form.payload, form.headers);
    expect(answer.statusCode).toBe(200);
    const { images } = answer.json();
    expect(images.map(({ source }: { source: string }) => source)).toEqual([
      'canyon.jpg',
      'text.jpg',
      'empty.jpg',
      'again.jpg',
    ]);
    expect(images[0].predictions).toEqual(images[3].predictions);
    expect(images[0].predictions).toHaveLength(1);
    expect(images[1]).toMatchObject({ error: { code: 'UNSUPPORTED_FORMAT' }, width: null });
    expect(images[2]).toMatchObject({ error: { code: 'PICTURE_EMPTY' } });
  });

  it('labels pictures that JSON carries, and names why others cannot be had', async () => {
    const answer = await post({
      sources: [
        { base64: photograph.toString('base64'), name: 'canyon' },
        { url: 'https://127.0.0.1/a.jpg' },
        { s3: 's3://bucket/key.jpg' },
        { s3: 's3://bucket' },
        { s3: 's3://-/key.jpg' },
        { s3: 'https://bucket/key.jpg' },
        { base64: `data:image/jpeg;base64,${photograph.toString('base64')}` },
        { base64: 'AAA' },
        { base64: 'AAAA' },
      ],
      top: 1,
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json().images).toMatchObject([
      { source: 'canyon', predictions: [{ label: 'safe' }] },
      { source: 'https://127.0.0.1/a.jpg', error: { code: 'URL_REFUSED' } },
      { source: 's3://bucket/key.jpg', error: { code: 'BUCKET_REFUSED' } },
      { source: 's3://bucket', error: { code: 'KEY_INVALID' } },
      { source: 's3://-/key.jpg', error: { code: 'KEY_INVALID' } },
      { source: 'https://bucket/key.jpg', error: { code: 'KEY_INVALID' } },
      { source: '6', error: { code: 'SOURCE_NOT_BASE64' } },
      { source: '7', error: { code: 'SOURCE_NOT_BASE64' } },
      { source: '8', error: { code: 'UNSUPPORTED_FORMAT' } },
    ]);
  });

  it('answers the same, however the picture came and whatever else was in its batch', async () => {
    const form = formOf([{ name: 'myfile', filename: 'canyon.jpg', bytes: photograph }]);
    const answers = await Promise.all([
      post(photograph, { 'content-type': 'image/jpeg' }),
      post(photograph, { 'content-type': 'application/octet-stream' }),
      post(form.payload, form.headers),
      post({ sources: [{ base64: photograph.toString('base64') }] }),
    ]);
    const [first, ...others] = answers.map((answer) => answer.json().images[0].predictions);
    for (const predictions of others) expect(predictions).toEqual(first);
  });

  it.each([
    ['a model that is not there', { model: 'nowhere', sources: [{ base64: 'AAAA' }] }, 404, 'MODEL_NOT_FOUND'],
    ['a model that is a path', { model: '../../etc/passwd', sources: [{ base64: 'AAAA' }] }, 400, 'REFERENCE_INVALID'],
    ['a model elsewhere', { model: 's3://bucket/model', sources: [{ base64: 'AAAA' }] }, 400, 'REFERENCE_INVALID'],
    ['no source', { sources: [] }, 400, 'REQUEST_INVALID'],
    ['a source of two kinds', { sources: [{ base64: 'AAAA', url: 'https://a/' }] }, 400, 'REQUEST_INVALID'],
    ['an unknown member', { sources: [{ base64: 'AAAA' }], tpo: 3 }, 400, 'REQUEST_INVALID'],
    ['too many labels', { sources: [{ base64: 'AAAA' }], top: 1001 }, 400, 'REQUEST_INVALID'],
    ['too many pictures', { sources: Array(65).fill({ base64: 'AAAA' }) }, 413, 'REQUEST_TOO_LARGE'],
  ])('refuses %s', async (_what, body, status, code) => {
    const answer = await post(body);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code, requestId: answer.headers['x-request-id'] });
  });

  it('names the member that is wrong', async () => {
    const answer = await post({ sources: [{ base64: 'AAAA' }], top: 'three' });
    expect(answer.json().errors).toEqual([{ field: 'body.top', message: expect.any(String) }]);
    const query = await post(photograph, { 'content-type': 'image/jpeg' }, '?top=0');
    expect(query.statusCode).toBe(400);
    expect(query.json().errors).toEqual([{ field: 'querystring.top', message: expect.any(String) }]);
  });

  it('takes no other body, and none that has to be unpacked', async () => {
    const text = await post(Buffer.from('hello'), { 'content-type': 'text/plain' });
    expect([text.statusCode, text.json().code]).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
    const packed = await post(photograph, { 'content-type': 'image/jpeg', 'content-encoding': 'gzip' });
    expect([packed.statusCode, packed.json().code]).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
  });

  it('keeps nothing of a request in memory after it', async () => {
    const metrics = await service.app.inject('/metrics');
    expect(metrics.body).toMatch(/rookery_request_bytes\{[^}]*\} 0\n/);
    expect(metrics.body).toMatch(/rookery_pending_pictures\{[^}]*\} 0\n/);
  });
});
