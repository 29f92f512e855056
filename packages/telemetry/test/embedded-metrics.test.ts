import { describe, expect, it } from 'vitest';
import { type EmbeddedMetrics, embeddedMetrics } from '../src/index.ts';

const given: EmbeddedMetrics = {
  namespace: 'Rookery',
  dimensions: { Queue: 'birds' },
  figures: { PicturesLabelled: { unit: 'Count', value: 12 }, EngineBusy: { unit: 'Percent', value: 99.5 } },
  at: 1_700_000_000_123,
};

describe('the embedded metric format', () => {
  it('is one line: what is measured beside what says so', () => {
    const text = embeddedMetrics(given);
    expect(text.indexOf('\n')).toBe(text.length - 1);
    // The form of the specification's own example.
    expect(JSON.parse(text)).toEqual({
      _aws: {
        Timestamp: 1_700_000_000_123,
        CloudWatchMetrics: [
          {
            Namespace: 'Rookery',
            Dimensions: [['Queue']],
            Metrics: [
              { Name: 'PicturesLabelled', Unit: 'Count' },
              { Name: 'EngineBusy', Unit: 'Percent' },
            ],
          },
        ],
      },
      Queue: 'birds',
      PicturesLabelled: 12,
      EngineBusy: 99.5,
    });
  });

  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`n${at}`, `${at}`]));
  it.each<[string, Partial<EmbeddedMetrics>]>([
    ['a namespace of AWS', { namespace: 'AWS/ECS' }],
    ['a namespace with blanks', { namespace: 'a b' }],
    ['too many dimensions', { dimensions: many(31) }],
    ['a dimension without a value', { dimensions: { Queue: '' } }],
    ['a dimension of a kilobyte', { dimensions: { Queue: 'x'.repeat(1_025) } }],
    ['no metrics', { figures: {} }],
    ['a metric that is no number', { figures: { a: { unit: 'Count', value: Number.NaN } } }],
    ['a metric named as its dimension', { figures: { Queue: { unit: 'Count', value: 1 } } }],
    ['a metric in the place of the directive', { figures: { _aws: { unit: 'Count', value: 1 } } }],
  ])('takes nothing that CloudWatch would not: %s', (_what, change) => {
    expect(() => embeddedMetrics({ ...given, ...change })).toThrow(TypeError);
  });
});
