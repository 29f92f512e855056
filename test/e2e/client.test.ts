import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, ServiceError } from '@rookery/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Served, serve } from '../browser/serve.ts';
import { temporaryFolder } from '../services/reaper.ts';
import { photograph } from './pictures.ts';

const names = ['black-canyon', 'acanthus-mollis', 'march-pastoral'];

describe('the typed client, against the command as users run it', () => {
  const folder = temporaryFolder('sources');
  let served: Served;
  let client: ReturnType<typeof createClient>;
  beforeAll(async () => {
    for (const name of names) await cp(photograph(name), join(folder.path, `${name}.jpg`));
    served = await serve(['--sources', folder.path]);
    client = createClient({ baseUrl: served.address });
  });
  afterAll(async () => {
    await served[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('labels pictures in the order they are given', async () => {
    const pictures = await Promise.all(names.map(async (name) => ({ name, bytes: await readFile(photograph(name)) })));
    const { model, images } = await client.classify(
      pictures.map(({ name, bytes }) => ({ name, bytes: new Uint8Array(bytes) })),
      { top: 1 },
    );
    expect(model.name).toBe('content');
    expect(images.map(({ source, predictions }) => [source, predictions?.[0]?.label])).toEqual([
      ['black-canyon', 'safe'],
      ['acanthus-mollis', 'drawing'],
      ['march-pastoral', 'safe'],
    ]);
  });

  it('shows models, and loads one', async () => {
    const [content] = await client.models.list();
    expect(content).toMatchObject({ name: 'content', isDefault: true });
    expect(await client.models.load('content')).toMatchObject({ name: 'content' });
  });

  it('makes a job of a folder, follows it to its end, reads its lines in their order, and deletes it', async () => {
    const job = await client.jobs.create({
      source: { kind: 'prefix', bucket: `file://${folder.path}`, prefix: '' },
      top: 1,
      note: 'from the client',
    });
    const states: string[] = [];
    let pictures = 0;
    for await (const view of client.jobs.watch(job.id)) {
      states.push(view.state);
      pictures = view.pictures.done;
    }
    expect(states.at(-1)).toBe('complete');
    expect(pictures).toBe(3);
    const keys: string[] = [];
    for await (const line of client.jobs.resultLines(job.id)) keys.push(`${line.key} ${line.predictions[0]?.label}`);
    expect(keys).toEqual(['acanthus-mollis.jpg drawing', 'black-canyon.jpg safe', 'march-pastoral.jpg safe']);
    const { lines, next } = await client.jobs.lines(job.id, { label: 'drawing' });
    expect([lines.map(({ key }) => key), next]).toEqual([['acanthus-mollis.jpg'], null]);
    const picture = await fetch(client.jobs.pictureUrl(job.id, { key: 'black-canyon.jpg', size: 64 }));
    expect(picture.headers.get('content-type')).toMatch(/^image\//);
    expect((await client.jobs.list()).jobs.map(({ note }) => note)).toEqual(['from the client']);
    await client.jobs.delete(job.id);
    await expect(client.jobs.get(job.id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });

  it('gives the same job for the same idempotency key', async () => {
    const request = { source: { kind: 'prefix' as const, bucket: `file://${folder.path}`, prefix: '' } };
    const first = await client.jobs.create(request, { idempotencyKey: 'once' });
    expect((await client.jobs.create(request, { idempotencyKey: 'once' })).id).toBe(first.id);
    await expect(client.jobs.create({ ...request, top: 5 }, { idempotencyKey: 'once' })).rejects.toBeInstanceOf(
      ServiceError,
    );
  });

  it('puts pictures into the store and makes a job of them', async () => {
    const pictures = await Promise.all(
      names.map(async (name) => ({
        name: `trip/${name}.jpg`,
        blob: new Blob([new Uint8Array(await readFile(photograph(name)))]),
      })),
    );
    const { upload, failed } = await client.upload(pictures);
    expect(failed).toEqual([]);
    const job = await client.jobs.create({ source: { kind: 'upload', upload }, top: 1 });
    let last: string | undefined;
    for await (const { state } of client.jobs.watch(job.id)) last = state;
    expect(last).toBe('complete');
    const found: string[] = [];
    for await (const { key, predictions } of client.jobs.resultLines(job.id))
      found.push(`${key.split('/').at(-1)} ${predictions[0]?.label}`);
    expect(found.sort()).toEqual(['acanthus-mollis.jpg drawing', 'black-canyon.jpg safe', 'march-pastoral.jpg safe']);
  });

  it('shows the fleet', async () => {
    const { queues, series, stepMs } = await client.fleet();
    expect(queues.length).toBeGreaterThan(0);
    expect(series.length).toBeGreaterThan(0);
    expect(stepMs).toBeGreaterThan(0);
  });
});
