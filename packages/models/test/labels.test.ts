import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseLabels } from '../src/index.ts';
import { shared } from './shared.ts';

const three = ['ant', 'bee', 'cat'];

describe('labels are read in index order from', () => {
  it.each([
    ['lines', 'ant\nbee\ncat\n', 'labels.txt'],
    ['lines without a last line end', 'ant\nbee\ncat', 'labels.txt'],
    ['lines of Windows, with a byte order mark', '\ufeffant\r\nbee\r\ncat\r\n\r\n', 'labels.txt'],
    ['lines with spaces around them', ' ant\nbee \ncat\n', 'LABELS.TXT'],
    ['a file without an ending', 'ant\nbee\ncat\n', 'labels'],
    ['CSV in any order of rows', 'id,name\n2,cat\n0,ant\n1,bee\n', 'map.csv'],
    ['CSV in any order of columns, with others', 'family,name,id\nx,cat,2\ny,ant,0\nz,bee,1\n', 'map.CSV'],
    [
      'CSV with quotes, a byte order mark and CRLF',
      '\ufeff"id","name"\r\n"2",cat\r\n0,"ant"\r\n\r\n1,bee\r\n',
      'map.csv',
    ],
    ['CSV with titles in capitals', 'ID, Name\n0,ant\n1,bee\n2,cat\n', 'map.csv'],
    ['a JSON array', '["ant","bee","cat"]', 'labels.json'],
    ['a JSON object', '{"2":"cat","0":"ant","1":"bee"}', 'labels.json'],
    ['a JSON object from label to index', '{"cat":2,"ant":0,"bee":1}', 'class_indices.json'],
    ['JSON of numbers as labels are, from label to index', '{"ant":0,"bee":1,"cat":2}', 'labels.JSON'],
    ['a description of Hugging Face', '{"id2label":{"1":"bee","0":"ant","2":"cat"},"label2id":{}}', 'config.json'],
    ["Keras' index of classes", '{"0":["n01","ant"],"1":["n02","bee"],"2":["n03","cat"]}', 'class_index.json'],
    ['JSON of ids and names', '[{"id":2,"name":"cat"},{"id":0,"name":"ant"},{"id":1,"name":"bee"}]', 'classes.json'],
  ])('%s', (_what, text, fileName) => {
    expect(parseLabels(text, fileName)).toEqual(three);
    expect(parseLabels(new TextEncoder().encode(text), fileName)).toEqual(three);
  });

  it('CSV whose names hold commas and quotes', () => {
    expect(parseLabels('id,name\n1,"tench, ""Tinca"""\n0,été', 'map.csv')).toEqual(['été', 'tench, "Tinca"']);
  });

  it('a list where two classes have the same name', () => {
    expect(parseLabels('crane\ncrane\n', 'labels.txt')).toEqual(['crane', 'crane']);
  });

  it.skipIf(!existsSync(shared))("the birds' unsorted CSV, as from their sorted list", () => {
    const read = (name: string) => readFileSync(join(shared, 'models/birds_v1', name));
    const labels = parseLabels(read('labelmap.csv'), 'labelmap.csv');
    expect(labels).toHaveLength(965);
    expect(labels).toEqual(parseLabels(read('labels.txt'), 'labels.txt'));
    expect(`${labels.join('\n')}\n`).toBe(read('labels.txt').toString());
  });
});

describe('labels are refused, with the line, for', () => {
  it.each([
    ['nothing', '', 'labels.txt', 'labels.txt: it holds no labels'],
    ['empty lines only', '\n\n', 'labels.txt', 'labels.txt: it holds no labels'],
    ['an empty label', 'ant\n\ncat\n', 'labels.txt', 'labels.txt:2: the label of index 1 is empty'],
    ['bytes that are no UTF-8', new Uint8Array([0xff, 0xfe, 0x41, 0]), 'labels.txt', 'labels.txt: not UTF-8'],
    ['a binary file', 'a\u0000b\n', 'labels.txt', 'labels.txt:1: the label of index 0 holds'],
    ['CSV with titles only', 'id,name\n', 'map.csv', 'map.csv: it holds no labels'],
    ['CSV of nothing', '', 'map.csv', 'map.csv: it holds no labels'],
    [
      'CSV without titles',
      '0,ant\n1,bee\n',
      'map.csv',
      'map.csv:1: the first line should have the columns id and name, not 0, ant',
    ],
    ['a gap', 'id,name\n3,dog\n0,ant\n1,bee\n', 'map.csv', 'map.csv:2: index 2 is missing'],
    [
      'an index given twice',
      'id,name\n0,ant\n1,bee\n0,cat\n',
      'map.csv',
      'map.csv:4: index 0 was given before, on line 2',
    ],
    ['an index that is none', 'id,name\n0,ant\n1.5,bee\n', 'map.csv', 'map.csv:3: "1.5" is no index'],
    ['a negative index', 'id,name\n-1,ant\n', 'map.csv', 'map.csv:2: "-1" is no index'],
    ['a row with too few columns', 'id,name\n0,ant\n1\n', 'map.csv', 'map.csv:3:'],
    ['a quote that never ends', 'id,name\n0,"ant\n1,bee\n', 'map.csv', 'map.csv:'],
    ['a name of two lines', 'id,name\n0,"an\nt"\n', 'map.csv', 'map.csv:3: the label of index 0 holds'],
    ['an empty name', 'id,name\n0,ant\n1,\n', 'map.csv', 'map.csv:3: the label of index 1 is empty'],
    ['JSON of nothing', '', 'l.json', 'l.json: it holds no labels'],
    ['JSON that is broken', '["ant",\n"bee"\n"cat"]', 'l.json', 'l.json:3: not JSON'],
    ['JSON that is a text', '"ant"', 'l.json', 'l.json: it should be an array'],
    ['JSON with a number', '["ant",2]', 'l.json', 'l.json: the label of index 1 is no text'],
    ['JSON with a gap', '{"0":"ant","2":"cat"}', 'l.json', 'l.json: index 1 is missing'],
    ['JSON with names as keys and no numbers', '{"ant":"a"}', 'l.json', 'l.json: "ant" is no index'],
    ['JSON from label to index with a gap', '{"ant":0,"bee":2}', 'l.json', 'l.json: index 1 is missing'],
    [
      'JSON from label to index with one index twice',
      '{"ant":0,"bee":0}',
      'l.json',
      'l.json: index 0 was given before',
    ],
    [
      'JSON of ids and names with a gap',
      '[{"id":0,"name":"ant"},{"id":2,"name":"bee"}]',
      'l.json',
      'index 1 is missing',
    ],
    ['JSON of names without ids', '[{"name":"ant"}]', 'l.json', 'l.json: the label of index 0 is no text'],
    ['JSON with three in a pair', '{"0":["a","b","c"]}', 'l.json', 'l.json: the label of index 0 is no text'],
  ])('%s', (_what, contents, fileName, detail) => {
    expect(() => parseLabels(contents, fileName)).toThrowError(
      expect.objectContaining({ code: 'LABELS_INVALID', detail: expect.stringContaining(detail) }),
    );
  });
});
