import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openClassifier } from '../src/index.ts';
import { lookingGlass, pixelsOf } from './looking-glass.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-trouble-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const threads = ['decoder-thread', 'engine-thread'] as const;
const picture = async (): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(
    await sharp({ create: { width: 9, height: 9, channels: 3, background: '#123456' } })
      .png()
      .toBuffer(),
  );
/** A thread's own file, since its address can carry no settings. */
const entries = (entry: (typeof threads)[number], trouble: string, always = false) => {
  const settings = JSON.stringify({ entry, trouble, always, marker: join(folder, 'marker') });
  const file = join(folder, 'entry.mjs');
  const { href } = new URL('./threads/troubled.mjs', import.meta.url);
  writeFileSync(file, `import { runTroubled } from '${href}';\nawait runTroubled(${settings});\n`);
  return entry === 'engine-thread' ? { engineEntry: pathToFileURL(file) } : { decoderEntry: pathToFileURL(file) };
};
const ended = (): number => readdirSync(folder).filter((name) => name.endsWith('.ended')).length;

describe.each(threads)('a %s', (thread) => {
  it.each(['dies', 'throws', 'hangs', 'computes'])(
    'that %s is replaced, and its pictures may be tried again',
    async (trouble) => {
      const log = { info: vi.fn(), warn: vi.fn() };
      await using classifier = await openClassifier(lookingGlass(), { ...entries(thread, trouble), hangMs: 2000, log });
      const outcomes = await Promise.allSettled(
        Array.from({ length: 5 }, async () => classifier.classify(await picture(), { top: 192 })),
      );
      const failed = outcomes.filter((it) => it.status === 'rejected').map((it) => it.reason);
      expect(failed.length).toBeGreaterThan(0);
      for (const error of failed) expect(error).toMatchObject({ code: 'ENGINE_FAILED', retryable: true });
      expect(log.warn).toHaveBeenCalledTimes(1);

      const again = await Promise.all(failed.map(async () => classifier.classify(await picture(), { top: 192 })));
      for (const result of again) expect(pixelsOf(result)[0]).toEqual([0x12, 0x34, 0x56]);
      expect(classifier.load()).toEqual({ pending: 0, pendingBytes: 0 });
      // A thread that comes back from native code ends by itself; one that hangs elsewhere is ended and cannot say so.
      if (trouble !== 'hangs') await vi.waitFor(() => expect(ended()).toBe(1), { timeout: 10_000 });
    },
  );
});

it('an engine that dies again and again fails the pictures it had, never the process', async () => {
  await using classifier = await openClassifier(lookingGlass(), entries('engine-thread', 'dies', true));
  for (let attempt = 0; attempt < 3; attempt++) {
    await expect(classifier.classify(await picture(), { top: 1 })).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
  }
});

describe('a model that cannot be run', () => {
  const broken = () => {
    const bytes = new Uint8Array(400).fill(7);
    return { ...lookingGlass(), graph: { ...lookingGlass().graph, bytes } };
  };

  it('fails to open', async () => {
    await expect(openClassifier(broken())).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });

  it('fails the pictures where it was opened in the background, and is not tried for ever', async () => {
    const log = { info: vi.fn(), warn: vi.fn() };
    await using classifier = await openClassifier(broken(), { background: true, log });
    for (let i = 0; i < 3; i++) {
      await expect(classifier.classify(await picture(), { top: 1 })).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    }
    expect(log.warn).not.toHaveBeenCalled();
  });

  it('whose output is another than was said fails its pictures', async () => {
    const model = lookingGlass();
    const other = { ...model, output: { ...model.output, classes: 5 }, labels: model.labels.slice(0, 5) };
    await using classifier = await openClassifier(other);
    await expect(classifier.classify(await picture(), { top: 1 })).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });

  it('with too few labels is refused', async () => {
    await expect(openClassifier({ ...lookingGlass(), labels: ['one'] })).rejects.toMatchObject({
      code: 'LABELS_INVALID',
    });
  });

  it('on a device that is not there is refused', async () => {
    await expect(openClassifier(lookingGlass(), { device: [0] })).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
  });
});
