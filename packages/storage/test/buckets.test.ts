import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBuckets, parseLocation } from '../src/index.ts';

const refused = expect.objectContaining({ code: 'BUCKET_REFUSED' });

describe('buckets that may be opened', () => {
  let folder: string;
  const at = (...parts: string[]) => pathToFileURL(join(folder, ...parts)).href;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-buckets-'));
    await mkdir(join(folder, 'pictures', 'below'), { recursive: true });
    await mkdir(join(folder, 'pictures-private'));
    await symlink(join(folder, 'pictures-private'), join(folder, 'pictures', 'link'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are those of the list, by name, by pattern, by folder and what lies below', async () => {
    await using buckets = createBuckets({
      allow: ['birds', 's3://uploads-*', 's3://Old_Birds', 's3://*-Old', at('pictures')],
    });
    for (const name of ['birds', 'uploads-2026', 'uploads-a.b', 'Old_Birds', 'Finches-Old'])
      expect(buckets.open(name).location).toBe(`s3://${name}/`);
    expect(buckets.open(at('pictures')).location).toBe(`${at('pictures')}/`);
    expect(buckets.open(at('pictures', 'below')).location).toBe(`${at('pictures', 'below')}/`);
    expect(buckets.open('birds')).toBe(buckets.open('birds'));
  });

  it('tell a folder that is not there from one without pictures', async () => {
    await using buckets = createBuckets({ allow: [at('pictures')] });
    const listed = async (bucket: string) => {
      for await (const _ of buckets.open(bucket).list('a/')) return true;
      return false;
    };
    expect(await listed(at('pictures', 'below'))).toBe(false);
    await expect(listed(at('pictures', 'blow'))).rejects.toMatchObject({
      code: 'STORE_NOT_FOUND',
      detail: join(folder, 'pictures', 'blow'),
    });
  });

  it('and no others, however they are written', async () => {
    await using buckets = createBuckets({ allow: ['birds', 'uploads-*', join(folder, 'pictures')] });
    const hostile = [
      ...[
        '',
        'bird',
        'birds2',
        'xbirds',
        'Birds',
        'birds/',
        's3://birds',
        'birds\n',
        'uploads',
        'uploads-*',
        '../birds',
        'file:',
        '/',
      ],
      ...[
        at(),
        at('pictures-private'),
        at('pictures', 'link'),
        at('pictures', '..', 'pictures-private'),
        join(folder, 'pictures'),
      ],
      ...[
        `${at('pictures')}/%2e%2e/pictures-private`,
        `${at('pictures')}/..%2fpictures-private`,
        'file:///',
        'file:///etc',
        'file://host/x',
      ],
      ...['file:pictures', `${at('pictures')}%00`, `${at('pictures')}\0`, 'https://example.com/'],
    ];
    for (const bucket of hostile) {
      expect(() => buckets.open(bucket), bucket).toThrow(refused as never);
      let code: unknown;
      try {
        buckets.open(bucket);
      } catch (error) {
        code = (error as { code: unknown }).code;
      }
      expect(code, bucket).toBe('BUCKET_REFUSED');
    }
  });

  it('may be a folder of the working folder by its plain name, which then is a bucket as well', async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      await using buckets = createBuckets({ allow: ['pictures'] });
      expect(buckets.open(at('pictures', 'below')).location).toBe(`${at('pictures', 'below')}/`);
      expect(buckets.open('pictures').location).toBe('s3://pictures/');
      expect(() => buckets.open(at('pictures-private'))).toThrow(refused as never);
    } finally {
      process.chdir(before);
    }
  });

  it.each([
    ['s3://photos/2026', 'without a prefix'],
    ['s3://-photos', 'no name of a bucket'],
    ['s3://*-', 'no name of a bucket'],
    ['s3://ab', 'no name of a bucket'],
    ['s3://', 'no name of a bucket'],
    ['Photos of 2026', 'no name of a bucket'],
    ['https://photos.example/', 'neither s3:// nor file://'],
  ])('are not silently none: %s is refused when they are named', (entry, why) => {
    expect(() => createBuckets({ allow: [entry] })).toThrow(
      expect.objectContaining({ code: 'REFERENCE_INVALID', detail: expect.stringContaining(why) }),
    );
  });

  it('are none where the list is empty', async () => {
    await using buckets = createBuckets({ allow: [] });
    for (const bucket of ['birds', at('pictures'), 'file:///']) expect(() => buckets.open(bucket)).toThrow();
  });
});

describe('parseLocation', () => {
  it.each([
    ['s3://birds', { kind: 's3', bucket: 'birds', prefix: '' }],
    ['s3://birds/', { kind: 's3', bucket: 'birds', prefix: '' }],
    ['s3://Old_Birds/x', { kind: 's3', bucket: 'Old_Birds', prefix: 'x' }],
    ['s3://birds/2026/spring', { kind: 's3', bucket: 'birds', prefix: '2026/spring' }],
    ['s3://birds/a b+c%20', { kind: 's3', bucket: 'birds', prefix: 'a b+c%20' }],
    ['file:///srv/birds', { kind: 'fs', folder: '/srv/birds' }],
    ['file:///srv/a%20b/', { kind: 'fs', folder: '/srv/a b' }],
    ['/srv/birds/', { kind: 'fs', folder: '/srv/birds' }],
    ['birds', { kind: 'fs', folder: join(process.cwd(), 'birds') }],
    ['./birds/../finches', { kind: 'fs', folder: join(process.cwd(), 'finches') }],
  ])('reads %s', (text, expected) => expect(parseLocation(text)).toEqual(expected));

  it.each([
    '',
    ' ',
    's3://',
    's3:///x',
    's3://-x/',
    's3://a b/',
    'file://host/x',
    'https://example.com/',
    'a\0b',
    'file:///a%2fb',
  ])('refuses %j', (text) => {
    let code: unknown;
    try {
      parseLocation(text);
    } catch (error) {
      code = (error as { code: unknown }).code;
    }
    expect(code).toBe('REFERENCE_INVALID');
  });
});
