import { readFile } from 'node:fs/promises';
import { encodeResultLine, type Pin } from '@rookery/contracts';
import { type Classifier, openClassifier } from '@rookery/inference';
import { createMetrics } from '@rookery/telemetry';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { firstRangeBytes } from '../src/picture/fetch-needed.ts';
import { RangeHabit } from '../src/picture/range-habit.ts';
import { Fleet, photograph, registryIn } from './fleet.ts';

let fleet: Fleet;
let fast: Classifier;
let all: Made[];
beforeAll(async () => {
  all = await picturesOfAllKinds();
}, 60_000);
beforeEach(async () => {
  fleet = await Fleet.open();
  fast = await openClassifier({ ...(await registryIn(fleet.folder).load('content')), decode: 'fast' });
}, 60_000);
afterEach(async () => {
  await fast[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
});

const [width, height] = [2400, 1800];
/** A photograph, larger, with some grain: files of several hundred kilobytes. */
async function large(): Promise<() => Sharp> {
  const pixels = await sharp(await readFile(photograph('nagasaki-boats')))
    .resize(width, height, { fit: 'fill' })
    .raw()
    .toBuffer();
  for (let at = 0; at < pixels.length; at += 1)
    pixels[at] = Math.min(255, (pixels[at] ?? 0) + (Math.imul(at + 1, 2654435761) >>> 28));
  return () => sharp(pixels, { raw: { width, height, channels: 3 } });
}

type Made = [name: string, bytes: Buffer];
async function picturesOfAllKinds(): Promise<Made[]> {
  const picture = await large();
  const progressive = await picture().jpeg({ progressive: true, quality: 88 }).toBuffer();
  const damaged = Buffer.from(progressive);
  damaged.fill(0, progressive.length - 9_000, progressive.length - 5_000);
  // Before the frame, as profiles of cameras are: three segments of 60 kB.
  const segment = Buffer.concat([Buffer.from([0xff, 0xe5, 0xea, 0x62]), Buffer.alloc(60_000, 7)]);
  const behind = Buffer.concat([progressive.subarray(0, 2), segment, segment, segment, progressive.subarray(2)]);
  return [
    ['progressive.jpg', progressive],
    ['full-colour.jpg', await picture().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer()],
    ['mozjpeg.jpg', await picture().jpeg({ mozjpeg: true, quality: 90 }).toBuffer()],
    ['grey.jpg', await picture().greyscale().jpeg({ progressive: true, quality: 95 }).toBuffer()],
    ['cmyk.jpg', await picture().toColourspace('cmyk').jpeg({ progressive: true }).toBuffer()],
    ['turned.jpg', await picture().withMetadata({ orientation: 6 }).jpeg({ progressive: true }).toBuffer()],
    ['little.jpg', await picture().resize(300).jpeg({ progressive: true, quality: 100 }).toBuffer()],
    ['behind-profiles.jpg', behind],
    ['with-a-trailer.jpg', Buffer.concat([progressive, Buffer.alloc(70_000, 1)])],
    ['cut-off.jpg', progressive.subarray(0, progressive.length - 3_000)],
    ['cut-off-early.jpg', progressive.subarray(0, firstRangeBytes + 5)],
    ['damaged-late.jpg', damaged],
    ['baseline.jpg', await picture().jpeg({ quality: 90 }).toBuffer()],
    ['picture.png', await picture().resize(900).png().toBuffer()],
    ['no-picture.jpg', Buffer.alloc(300_000, 'no picture')],
    ['empty.jpg', Buffer.alloc(0)],
  ];
}

/** The lines of these keys by whole pictures, in one process. */
async function linesOfWhole(made: readonly Made[], etags: ReadonlyMap<string, string | null>): Promise<string[]> {
  return Promise.all(
    made.map(async ([key, bytes]) => {
      const about = { key, etag: etags.get(key) ?? null, size: bytes.length, model: fast.model };
      try {
        const { width, height, predictions } = await fast.classify(new Uint8Array(bytes), { top: 2 });
        return encodeResultLine({ ...about, width, height, predictions: [...predictions] });
      } catch (thrown) {
        return encodeResultLine({ ...about, width: null, height: null, predictions: [], error: thrown as never });
      }
    }),
  );
}

const sumOf = (metrics: string, name: string): number =>
  Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(metrics)?.[1]);

/** Runs one task over the pictures. */
async function run(id: string, made: readonly Made[], pin: Pin) {
  for (const [key, bytes] of made) await fleet.put(key, bytes);
  const metrics = createMetrics({ service: 'worker', process: false });
  await fleet.job(id, [made.map(([key]) => ({ key }))], { pin });
  const worker = await fleet.start({ metrics });
  const lines = await fleet.lines(id, 0);
  await worker.stop();
  const { body: text } = await metrics.render();
  const objects = made.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  const read = sumOf(text, 'rookery_fetched_bytes_total');
  return { lines, read, skipped: sumOf(text, 'rookery_skipped_bytes_total'), objects };
}

describe('with fast decoding', { timeout: 90_000 }, () => {
  it('only the seen bytes of a progressive JPEG are read, and every line is that of the whole picture', async () => {
    const made = all;
    const { lines } = await run('of-all-kinds', made, fast.pin);
    const etags = new Map(lines.map(({ key, etag }) => [key, etag]));
    const whole = (await linesOfWhole(made, etags)).map((line) => JSON.parse(line));
    for (const [at, line] of lines.entries()) {
      expect({ ...line, error: line.error?.code }).toEqual({ ...whole[at], error: whole[at].error?.code });
    }
    const outcomes = Object.fromEntries(lines.map(({ key, error }) => [key, error?.code ?? 'labelled']));
    expect(outcomes).toMatchObject({
      'progressive.jpg': 'labelled',
      'with-a-trailer.jpg': 'labelled',
      'damaged-late.jpg': 'labelled',
      'cut-off.jpg': 'PICTURE_CORRUPT',
      'no-picture.jpg': 'UNSUPPORTED_FORMAT',
      'empty.jpg': 'PICTURE_EMPTY',
    });
  });

  it('the bytes that were not read are counted', async () => {
    const made = all.filter(([name]) => /^(progressive|full-colour)/.test(name));
    const { read, skipped, objects } = await run('progressive', made, fast.pin);
    expect(read + skipped).toBe(objects);
    expect(skipped).toBeGreaterThan(objects / 2);
  });

  it('nothing is left out of what needs all of it, nor with exact decoding', async () => {
    const made = all.filter(([name]) => /^(baseline|picture|turned|little)/.test(name));
    expect(await run('all', made, fast.pin)).toMatchObject({
      skipped: 0,
      read: made.reduce((sum, it) => sum + it[1].length, 0),
    });
    const [progressive] = all;
    const { skipped, read, objects } = await run('exact', [progressive as Made], fleet.pin);
    expect([skipped, read]).toEqual([0, objects]);
  });
});

describe('ranges are tried', () => {
  /** How many of so many pictures are read by range, where each takes so long. */
  const tries = (habit: RangeHabit, count: number, ms: { byRange: number; whole: number }, isCut = true): number =>
    Array.from({ length: count }).filter(() => {
      const byRange = habit.isWorthTrying();
      habit.took(byRange ? ms.byRange : ms.whole, { byRange, isCut: byRange && isCut });
      return byRange;
    }).length;

  it('where they come sooner, with a whole picture now and then', () => {
    const habit = new RangeHabit();
    expect(tries(habit, 32, { byRange: 20, whole: 50 })).toBe(24);
    expect(tries(habit, 160, { byRange: 20, whole: 50 })).toBe(150);
  });

  it('now and then only, where whole pictures come sooner; and again where that changes', () => {
    const habit = new RangeHabit();
    tries(habit, 32, { byRange: 50, whole: 20 });
    expect(tries(habit, 160, { byRange: 50, whole: 20 })).toBe(10);
    expect(tries(habit, 400, { byRange: 50, whole: 500 })).toBeGreaterThan(300);
  });

  it('now and then only, once there was nothing to leave out for a while', () => {
    const habit = new RangeHabit();
    tries(habit, 64, { byRange: 20, whole: 50 }, false);
    expect(tries(habit, 160, { byRange: 20, whole: 50 }, false)).toBe(10);
    // One that had, and they are tried again.
    habit.took(20, { byRange: true, isCut: true });
    expect(tries(habit, 32, { byRange: 20, whole: 50 })).toBe(30);
  });
});
