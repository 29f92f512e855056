import { defaultDriftRules, htmlReport, type MonitorReport, WindowSketch } from '@rookery/monitor';
import { expect, it } from 'vitest';
import { reportText } from '../src/monitor/report-text.ts';
import { colours } from '../src/ui/colours.ts';

it('a report of no pictures names no times, and suggests no reference that would be refused', () => {
  const report: MonitorReport = {
    at: '2026-12-01T04:00:00.000Z',
    name: 'birds@d50247adfbcf',
    job: 'empty',
    rules: defaultDriftRules,
    reference: null,
    window: new WindowSketch({ model: `sha256:${'0'.repeat(64)}` }).window(),
    measures: [],
    slices: [],
    alarmed: [],
    feedback: null,
  };
  expect(reportText(report, colours(false))).toContain(
    [
      '  job empty: 0 pictures, 0 without labels',
      '  no reference window: it takes at least 200 labelled pictures',
    ].join('\n'),
  );
  expect(htmlReport([report])).toContain('Job empty: 0 pictures, 0 without labels. This version');
});
