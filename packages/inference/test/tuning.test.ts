import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openClassifier } from '../src/index.ts';
import { lookingGlass } from './looking-glass.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-tuning-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const tuningOf = async (options: Parameters<typeof openClassifier>[1]) => {
  await using classifier = await openClassifier(lookingGlass(), options);
  return classifier.tuning;
};

describe('threads and batch', () => {
  it('have defaults that need no measurement', async () => {
    expect(await tuningOf({ tuning: 'never', tuningCache: folder })).toEqual({
      threads: availableParallelism(),
      batch: 8,
      source: 'default',
    });
    expect(await tuningOf({ tuningCache: folder })).toMatchObject({ source: 'default' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are measured once for a machine and a model, then taken from the cache', async () => {
    const cache = join(folder, 'made/when/needed');
    const measured = await tuningOf({ tuning: 'measure', tuningCache: cache });
    expect(measured.source).toBe('measured');
    expect(readdirSync(cache).length).toBe(1);
    const { threads, batch } = measured;
    for (const tuning of ['measure', 'cached'] as const) {
      expect(await tuningOf({ tuning, tuningCache: cache })).toEqual({ threads, batch, source: 'cached' });
    }
    await using other = await openClassifier(lookingGlass({ width: 4 }), { tuningCache: cache });
    expect(other.tuning.source).toBe('default');
  });

  it('are measured again an hour later where others were computing beside', async () => {
    await tuningOf({ tuning: 'measure', tuningCache: folder });
    const file = join(folder, readdirSync(folder)[0] ?? '');
    writeFileSync(file, '{"threads":1,"batch":5,"isBusy":true}');
    expect(await tuningOf({ tuning: 'cached', tuningCache: folder })).toMatchObject({ batch: 5, source: 'cached' });
    const long = Date.now() / 1000 - 3_700;
    utimesSync(file, long, long);
    expect(await tuningOf({ tuning: 'cached', tuningCache: folder })).toMatchObject({ source: 'default' });
  });

  it('are what was said, whatever was measured', async () => {
    expect(await tuningOf({ threads: 1, batch: 3, tuning: 'measure' })).toEqual({
      threads: 1,
      batch: 3,
      source: 'explicit',
    });
    expect(await tuningOf({ batch: 3, tuning: 'measure' })).toMatchObject({ batch: 3, source: 'measured' });
  });

  it('a damaged cache is measured again, one that cannot be written costs nothing but the next second', async () => {
    const log = { info: vi.fn(), warn: vi.fn() };
    await tuningOf({ tuning: 'measure', tuningCache: folder, log });
    const file = join(folder, readdirSync(folder)[0] ?? '');
    writeFileSync(file, '{"threads":-1,');
    expect(await tuningOf({ tuning: 'measure', tuningCache: folder, log })).toMatchObject({ source: 'measured' });
    expect(JSON.parse(readFileSync(file, 'utf8')).threads).toBeGreaterThan(0);
    expect(log.warn).not.toHaveBeenCalled();
    rmSync(file);
    mkdirSync(file);
    expect(await tuningOf({ tuning: 'measure', tuningCache: folder, log })).toMatchObject({ source: 'measured' });
    expect(log.warn).toHaveBeenCalledTimes(1);
  });
});
