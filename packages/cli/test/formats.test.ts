import { describe, expect, it } from 'vitest';
import { createFormat } from '../src/classify/formats/create-format.ts';
import { labelsText } from '../src/classify/labels-file.ts';
import type { Outcome } from '../src/classify/picture.ts';
import { colours } from '../src/ui/colours.ts';

const model = { name: 'birds', version: '0123456789ab', digest: `sha256:${'0'.repeat(64)}`, variant: 'fp32' };
const times = { read: 1, decode: 1, wait: 1, infer: 1, topK: 1 };
const lark: Outcome = {
  source: 'lark, "crested".jpg',
  width: 640,
  height: 480,
  predictions: [
    { label: 'Galerida cristata', index: 7, score: 0.8325 },
    { label: 'Alauda arvensis', index: 3, score: 0.1 },
  ],
  times,
};
const gone: Outcome = {
  source: 'gone.jpg',
  error: { code: 'SOURCE_NOT_FOUND', message: 'there is nothing under this name' },
  detail: '',
};
const nothing: Outcome = { source: 'blank.png', width: 1, height: 1, predictions: [], times };

function rendered(name: 'table' | 'json' | 'jsonl' | 'csv', outcomes: readonly Outcome[]): string {
  const format = createFormat(name, colours(false));
  return [format.begin(model), ...outcomes.map((outcome) => format.picture(outcome)), format.end({ totalMs: 1 })].join(
    '',
  );
}

describe('results', () => {
  it('as JSON are one object: the model, the pictures in order, the timings', () => {
    expect(JSON.parse(rendered('json', [lark, gone]))).toEqual({
      model,
      images: [
        { source: lark.source, width: 640, height: 480, predictions: lark.error ? [] : lark.predictions },
        { source: 'gone.jpg', width: null, height: null, error: gone.error },
      ],
      timings: { totalMs: 1 },
    });
    expect(JSON.parse(rendered('json', [])).images).toEqual([]);
  });

  it('as JSON lines are a picture a line', () => {
    const lines = rendered('jsonl', [lark, gone]).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).source)).toEqual([lark.source, 'gone.jpg']);
  });

  it('as CSV are a label a line, quoted where needed', () => {
    expect(rendered('csv', [lark, gone, nothing])).toBe(
      [
        'source,width,height,rank,index,label,score,error',
        '"lark, ""crested"".jpg",640,480,1,7,Galerida cristata,0.8325,',
        '"lark, ""crested"".jpg",640,480,2,3,Alauda arvensis,0.1,',
        'gone.jpg,,,,,,,SOURCE_NOT_FOUND',
        'blank.png,1,1,,,,,',
        '',
      ].join('\n'),
    );
  });

  it('as a table stand in columns, with the error in its place', () => {
    expect(rendered('table', [gone, nothing, { ...lark, source: 'ok.jpg' }])).toBe(
      [
        'PICTURE    SCORE  LABEL',
        'gone.jpg   SOURCE_NOT_FOUND: there is nothing under this name',
        'blank.png  nothing above the threshold',
        'ok.jpg     0.833  Galerida cristata',
        '           0.100  Alauda arvensis',
        '',
      ].join('\n'),
    );
  });

  it('as a table come out while pictures are still labelled, once there are enough to know the width', () => {
    const format = createFormat('table', colours(false));
    const written = Array.from({ length: 60 }, () => format.picture(lark)).filter((text) => text !== '');
    expect(written).toHaveLength(11);
  });

  it('let no name move the cursor of a terminal', () => {
    expect(rendered('table', [{ ...gone, source: 'a\u001b[2Jb\r\n.jpg' }])).toContain('a?[2Jb??.jpg');
  });

  it('as text files are lines of score and label', () => {
    expect(labelsText(lark.error ? [] : lark.predictions)).toBe('0.83 Galerida cristata\n0.10 Alauda arvensis\n');
  });
});
