import { describe, expect, it } from 'vitest';
import { FileNames } from '../src/classify/file-names.ts';
import { bottleneck, printReport } from '../src/classify/print-report.ts';
import { StageReport } from '../src/classify/stage-report.ts';
import { duration, progressLine } from '../src/ui/progress.ts';
import { renderTable, visibleWidth } from '../src/ui/table.ts';

describe('file names beside the results', () => {
  it('are those of the sources, each one once, and never leave the folder', () => {
    const names = new FileNames();
    const given = [
      'a/x.jpg',
      'b/x.jpg',
      'b/X.JPG',
      'https://example.org/p/%C3%A9.png?size=1',
      's3://bucket/deep/..',
      '..',
      '/',
      'a:b|c.png',
    ];
    expect(given.map((source) => names.nameFor(source))).toEqual([
      'x.jpg',
      'x.jpg-2',
      'X.JPG-3',
      'é.png',
      'bucket',
      '_',
      'picture',
      'a_b_c.png',
    ]);
  });

  it('fit a file system', () => {
    expect(Buffer.byteLength(new FileNames().nameFor(`${'ü'.repeat(300)}.jpg`))).toBeLessThanOrEqual(180);
  });
});

describe('the progress line', () => {
  const plain = { colour: false, what: 'pictures' };

  it('shows a bar, the rate, what is left and what failed', () => {
    expect(progressLine({ done: 30, total: 120, failed: 2 }, 10_000, plain)).toBe(
      '━━━━━━────────────────── 30/120  3.0/s  30 s left  2 failed',
    );
  });

  it('counts where the number of pictures is not known', () => {
    expect(progressLine({ done: 500, failed: 0 }, 1000, plain)).toBe('500 pictures  500/s');
  });

  it('fits the terminal: the bar goes first, then what stands last', () => {
    const state = { done: 30, total: 120, failed: 2 };
    const at = (columns: number) => progressLine(state, 10_000, { ...plain, columns });
    expect(at(60)).toMatch(/^━.* 30\/120 {2}3\.0\/s {2}30 s left {2}2 failed$/);
    expect(at(40)).toBe('30/120  3.0/s  30 s left  2 failed');
    expect(at(30)).toBe('30/120  3.0/s  30 s left');
    expect(at(12)).toBe('30/120');
  });

  it('says times as people do', () => {
    expect([59.2, 120, 7200].map(duration)).toEqual(['60 s', '2 min', '2.0 h']);
  });
});

describe('a table', () => {
  it('counts what a terminal shows, not characters', () => {
    expect(['abc', 'é', '鳥', '🐦', '\u001b[1mab\u001b[22m'].map(visibleWidth)).toEqual([3, 1, 2, 2, 2]);
    expect(
      renderTable(
        [{ title: 'N' }, { title: 'X', align: 'right' }],
        [
          ['鳥', '1'],
          ['a', '22'],
        ],
      ),
    ).toBe('N    X\n鳥   1\na   22\n');
  });
});

describe('the report', () => {
  const times = { read: 1, decode: 30, wait: 5, infer: 4, topK: 0.1 };

  it('counts one picture as one', () => {
    const report = new StageReport();
    report.loaded();
    report.labelled(times);
    expect(printReport(report.summary(), { threads: 2, batch: 8 })).toMatch(/^1 picture in /m);
  });

  it('shares out the work and names the bottleneck', () => {
    const report = new StageReport();
    report.loaded();
    for (let n = 0; n < 100; n += 1) report.labelled(times);
    report.failed();
    const summary = report.summary();
    expect(summary).toMatchObject({
      pictures: 100,
      failed: 1,
      stages: { decode: { share: 0.855 }, wait: { share: null } },
    });
    expect(summary.stages.decode?.p50Ms).toBeCloseTo(30, 0);
    const text = printReport({ ...summary, totalMs: 1000, loadMs: 10 }, { threads: 2, batch: 8 });
    expect(text).toMatch(/^decode +30\.0 +30\.0 +8[56] %$/m);
    expect(text).toContain('Bottleneck: decoding, 8');
  });

  it('says that starting was the bottleneck where it was', () => {
    const report = new StageReport();
    report.labelled(times);
    expect(bottleneck({ ...report.summary(), totalMs: 100, loadMs: 90 })).toContain('Bottleneck: starting');
    expect(bottleneck(new StageReport().summary())).toBe('Nothing was labelled.');
  });
});
