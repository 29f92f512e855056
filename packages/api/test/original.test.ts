import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPhotograph, aService, type TestService } from './a-service.ts';
import { type FormPart, formOf } from './forms.ts';

const captionFont = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');
const three = {
  results: [
    { conf: 1, class: 'safe' },
    { conf: 0, class: 'drawing' },
    { conf: 0, class: 'suggestive' },
  ],
};

/** The JPEG parts of a stream whose boundary is `frame`, as a browser or OpenCV reads them. */
function framesOf(body: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  const head = Buffer.from('--frame\r\nContent-Type: image/jpeg\r\n\r\n');
  for (let at = body.indexOf(head); at >= 0; ) {
    const start = at + head.length;
    const next = body.indexOf(head, start);
    const end = next < 0 ? body.indexOf('\r\n--frame--\r\n', start) : next - 2;
    frames.push(body.subarray(start, end));
    at = next;
  }
  return frames;
}

describe('the calls of the original', () => {
  let service: TestService;
  let folder: string;
  let root: string;
  let photograph: Buffer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-original-'));
    root = join(folder, 'pictures');
    photograph = await aPhotograph();
    await mkdir(join(root, 'album', 'deeper'), { recursive: true });
    await mkdir(join(folder, 'pictures-elsewhere'));
    await writeFile(join(root, 'one.jpg'), photograph);
    await writeFile(join(root, 'album', 'a.jpg'), photograph);
    await writeFile(join(root, 'album', 'b.png'), await sharp(photograph).resize(64).png().toBuffer());
    await writeFile(join(root, 'album', 'notes.txt'), 'not a picture');
    await writeFile(join(folder, 'secret.jpg'), photograph);
    await writeFile(join(folder, 'pictures-elsewhere', 'x.jpg'), photograph);
    await symlink(join(folder, 'secret.jpg'), join(root, 'link.jpg'));
    await symlink(folder, join(root, 'up'));
    await symlink(join(root, 'one.jpg'), join(root, 'inside.jpg'));
    service = await aService({ localRoot: root, captionFont });
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const get = (query: Record<string, string>) => service.app.inject({ url: `/classify?${new URLSearchParams(query)}` });
  const post = (parts: readonly FormPart[], query = '') => {
    const { payload, headers } = formOf(parts);
    return service.app.inject({ method: 'POST', url: `/classify${query}`, payload, headers });
  };
  const myfile = () => ({ name: 'myfile', filename: 'bird.jpg', bytes: photograph });

  it('answer an upload in `myfile` with the three best labels, two decimals', async () => {
    const field = { name: 'save_labels', value: 'T' };
    for (const answer of [
      await post([myfile(), field]),
      await post([field, myfile()]),
      await post([myfile()], '?save_labels=T'),
    ]) {
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      expect(answer.json()).toEqual(three);
    }
  });

  it('answer a path below the folder that was given, however it is written', async () => {
    for (const source of ['one.jpg', './one.jpg', 'album/../one.jpg', join(root, 'one.jpg'), 'inside.jpg'])
      expect((await get({ source, save_labels: 'T' })).json()).toEqual(three);
    const form = await service.app.inject({
      method: 'POST',
      url: '/classify',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'source=one.jpg&save_labels=T',
    });
    expect(form.json()).toEqual(three);
  });

  it('answer a folder picture by picture, in the order of their names', async () => {
    const { results } = (await get({ source: 'album', save_labels: 'T' })).json();
    expect(results.map(({ source }: { source: string }) => source)).toEqual([
      'a.jpg',
      'a.jpg',
      'a.jpg',
      'b.png',
      'b.png',
      'b.png',
    ]);
    expect(results[0]).toEqual({ ...three.results[0], source: 'a.jpg' });
    await writeFile(join(root, 'album', 'bad.jpg'), 'no picture');
    const beside = await get({ source: 'album', save_labels: 'T' });
    const message = 'the file is not a picture in a supported format';
    expect(beside.json()).toEqual({ results, failed: [{ source: 'bad.jpg', code: 'UNSUPPORTED_FORMAT', message }] });
    await rm(join(root, 'album', 'bad.jpg'));
  });

  it('answer with the annotated pictures as frames where no labels are asked for', async () => {
    for (const [answer, count] of [
      [await get({ source: 'album' }), 2],
      [await post([myfile()]), 1],
    ] as const) {
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toBe('multipart/x-mixed-replace; boundary=frame');
      const frames = framesOf(answer.rawPayload);
      expect(frames).toHaveLength(count);
      for (const frame of frames) expect((await sharp(frame).metadata()).format).toBe('jpeg');
      const { width, height } = await sharp(frames[0]).metadata();
      const whole = await sharp(photograph).metadata();
      expect(width).toBe(whole.width);
      expect(height).toBeGreaterThan(whole.height);
    }
  });

  // Everything that must not lead outside of the folder, nor anywhere inside the network.
  const refused: readonly [source: string, status: number][] = [
    ['../secret.jpg', 403],
    ['album/../../secret.jpg', 403],
    ['../pictures-elsewhere/x.jpg', 403],
    ['link.jpg', 403],
    ['up/secret.jpg', 403],
    ['up', 403],
    ['/etc/passwd', 403],
    ['/', 403],
    ['..', 403],
    ['../../../../../../../../etc/passwd', 403],
    ['one.jpg\0.png', 403],
    ['..%2fsecret.jpg', 404],
    ['nowhere.jpg', 404],
    ['album/deeper', 404],
    ['album/notes.txt', 422],
    ['file:///etc/passwd', 403],
    ['http://example.com/a.jpg', 403],
    ['https://127.0.0.1/a.jpg', 403],
    ['https://localhost/a.jpg', 403],
    ['https://[::1]/a.jpg', 403],
    ['https://[::ffff:127.0.0.1]/a.jpg', 403],
    ['https://[::ffff:7f00:1]/a.jpg', 403],
    ['https://0/a.jpg', 403],
    ['https://0x7f.1/a.jpg', 403],
    ['https://2130706433/a.jpg', 403],
    ['https://017700000001/a.jpg', 403],
    ['https://127.1/a.jpg', 403],
    ['https://①②⑦.⓪.⓪.①/a.jpg', 403],
    ['https://169.254.169.254/latest/meta-data/', 403],
    ['https://[fd00:ec2::254]/a.jpg', 403],
    ['https://[fe80::1]/a.jpg', 403],
    ['https://[64:ff9b::7f00:1]/a.jpg', 403],
    ['https://10.0.0.1/a.jpg', 403],
    ['https://192.168.1.1/a.jpg', 403],
    ['https://100.100.100.200/a.jpg', 403],
    ['https://user:password@example.com/a.jpg', 403],
    ['ftp://example.com/a.jpg', 403],
    ['gopher://127.0.0.1:6379/_FLUSHALL', 403],
    ['data://text/plain,x', 403],
    ['https://', 403],
  ];
  it('hold a list of at least 24 refused forms', () => expect(refused.length).toBeGreaterThanOrEqual(24));
  it.each(refused)('refuse %j', async (source, status) => {
    const answer = await get({ source, save_labels: 'T' });
    expect([answer.statusCode, String(answer.headers['content-type']).split(';')[0]]).toEqual([
      status,
      'application/problem+json',
    ]);
    expect(answer.body).not.toContain(folder);
    expect((await get({ source })).statusCode).toBe(status);
  });

  it('read no path where no folder was given, and say what is missing', async () => {
    await using closed = await aService();
    for (const source of ['one.jpg', '.', '/etc/passwd'])
      expect((await closed.app.inject({ url: `/classify?source=${encodeURIComponent(source)}` })).json()).toMatchObject(
        { code: 'SOURCE_DENIED' },
      );
    expect((await closed.app.inject('/classify')).json()).toMatchObject({ code: 'REQUEST_INVALID' });
  }, 30_000);

  it('say what is wrong with an upload', async () => {
    const wrong = await post([{ name: 'other', filename: 'a.jpg', bytes: photograph }]);
    expect([wrong.statusCode, wrong.json().detail]).toEqual([400, expect.stringContaining('myfile')]);
    const text = await post([{ name: 'myfile', filename: 'a.jpg', bytes: Buffer.from('text') }]);
    expect([text.statusCode, text.json().code]).toEqual([422, 'UNSUPPORTED_FORMAT']);
    const json = await service.app.inject({ method: 'POST', url: '/classify', payload: { source: 'one.jpg' } });
    expect(json.statusCode).toBe(415);
  });
});
