import { describe, expect, it } from 'vitest';
import { batchOf } from '../src/classify/batch-of.ts';
import { choicesOf } from '../src/classify/choices.ts';
import { asCsv, asJson, asText } from '../src/classify/export.ts';
import type { Outcome, Picture } from '../src/classify/picture.ts';
import { differs, tallyOf } from '../src/classify/tally.ts';

const labelled = (label: string, score = 0.9): Outcome => ({
  state: 'labelled',
  predictions: [{ label, index: 0, score }],
  model: 'birds@1',
  size: '10 × 10',
});
const failed = (code: string): Outcome => ({ state: 'failed', code, text: `It is ${code}.` });

const picture = (name: string, outcomes: Record<string, Outcome>): Picture => ({
  id: 1,
  name,
  file: new File([], name),
  url: 'blob:',
  outcomes,
});

describe('what is exported', () => {
  it('is one line of CSV for each label, quoted where it must be, and never a formula', () => {
    const pictures = [
      picture('a "b", c.jpg', { '': labelled('Erithacus rubecula', 0.5) }),
      picture('=1+2.jpg', { '': failed('PICTURE_CORRUPT') }),
      picture('still waiting.jpg', { '': { state: 'waiting' } }),
    ];
    expect(asCsv(pictures).split('\r\n')).toEqual([
      'picture,model,rank,label,score,error',
      '"a ""b"", c.jpg",birds@1,1,Erithacus rubecula,0.5,',
      "'=1+2.jpg,,,,,PICTURE_CORRUPT",
      '',
    ]);
  });

  it('is one row for each picture and model that answered', () => {
    const both = picture('a.jpg', { '': labelled('lark'), other: labelled('robin') });
    expect(JSON.parse(asJson([both]))).toHaveLength(2);
    expect(asText([both])).toBe('a.jpg\tlark\t0.9\na.jpg\trobin\t0.9');
  });
});

describe('the tally', () => {
  const pictures = [
    picture('same', { a: labelled('lark'), b: labelled('lark') }),
    picture('other', { a: labelled('lark'), b: labelled('robin') }),
    picture('half', { a: labelled('lark'), b: { state: 'waiting' } }),
    picture('bad', { a: failed('PICTURE_CORRUPT'), b: failed('PICTURE_CORRUPT') }),
    picture('busy', { a: labelled('lark'), b: failed('OVERLOADED') }),
  ];

  it('counts a picture as done once every model has answered', () => {
    expect(tallyOf(pictures, ['a', 'b'])).toEqual({ waiting: 1, labelled: 2, failed: 2, agreed: 1, retryable: 1 });
    expect(tallyOf(pictures, ['a'])).toEqual({ waiting: 0, labelled: 4, failed: 1, agreed: 4, retryable: 0 });
  });

  it('finds where two models differ', () => {
    expect(pictures.filter((one) => differs(one, ['a', 'b'])).map(({ name }) => name)).toEqual(['other']);
    expect(pictures.some((one) => differs(one, ['a']))).toBe(false);
  });
});

it('a request carries a few pictures, one however large it is', () => {
  const sizes = (batch: { file: { size: number } }[]) => batch.map(({ file }) => file.size);
  const waiting = (...all: number[]) => all.map((size) => ({ file: { size } }));
  expect(sizes(batchOf(waiting(...Array<number>(20).fill(1))))).toHaveLength(8);
  expect(sizes(batchOf(waiting(5e6, 2e6, 2e6)))).toEqual([5e6, 2e6]);
  expect(sizes(batchOf(waiting(9e7, 1)))).toEqual([9e7]);
  expect(batchOf([])).toEqual([]);
});

it('models are offered by their names, the service’s own first, other versions by alias or number', () => {
  const version = (name: string) => ({ version: name }) as never;
  const model = (name: string, isDefault: boolean) => ({
    name,
    isDefault,
    current: '1111111111',
    aliases: { candidate: '2222222222' },
    rollouts: {},
    versions: [version('1111111111'), version('2222222222'), version('3333333333')],
    damaged: [],
  });
  expect(choicesOf([model('other', false), model('birds', true)]).slice(0, 4)).toEqual([
    { reference: '', name: 'birds' },
    { reference: 'birds:candidate', name: 'birds · candidate' },
    { reference: 'birds@3333333333', name: 'birds · 33333333' },
    { reference: 'other', name: 'other' },
  ]);
});
