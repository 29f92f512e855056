import { describe, expect, it } from 'vitest';
import { parseReference } from '../src/index.ts';

describe('a reference is read as', () => {
  it.each([
    ['birds', { kind: 'registry', name: 'birds' }],
    ['birds-v1.2_x', { kind: 'registry', name: 'birds-v1.2_x' }],
    ['0', { kind: 'registry', name: '0' }],
    ['birds:production', { kind: 'registry', name: 'birds', alias: 'production' }],
    ['c:production', { kind: 'registry', name: 'c', alias: 'production' }],
    ['birds@0123456789ab', { kind: 'registry', name: 'birds', version: '0123456789ab' }],
    ['wandb://me/birds/model:v3', { kind: 'wandb', entity: 'me', project: 'birds', artifact: 'model', alias: 'v3' }],
    ['WANDB://Me/p/a', { kind: 'wandb', entity: 'Me', project: 'p', artifact: 'a', alias: 'latest' }],
    ['s3://bucket/models/birds/', { kind: 's3', bucket: 'bucket', key: 'models/birds/' }],
    ['s3://bucket/a:b@c', { kind: 's3', bucket: 'bucket', key: 'a:b@c' }],
    ['./birds', { kind: 'path', path: './birds' }],
    ['.', { kind: 'path', path: '.' }],
    ['..', { kind: 'path', path: '..' }],
    ['~', { kind: 'path', path: '~' }],
    ['/srv/models/birds:2', { kind: 'path', path: '/srv/models/birds:2' }],
    ['models/birds', { kind: 'path', path: 'models/birds' }],
    ['models\\birds', { kind: 'path', path: 'models\\birds' }],
    ['C:\\models\\birds', { kind: 'path', path: 'C:\\models\\birds' }],
    ['C:/models/birds', { kind: 'path', path: 'C:/models/birds' }],
    ['\\\\server\\share', { kind: 'path', path: '\\\\server\\share' }],
    ['model.onnx', { kind: 'path', path: 'model.onnx' }],
    ['Model File.TFLITE', { kind: 'path', path: 'Model File.TFLITE' }],
    ['manifest.json', { kind: 'path', path: 'manifest.json' }],
    ['file:///srv/my%20models/birds', { kind: 'path', path: '/srv/my models/birds' }],
  ])('%s', (text, reference) => {
    expect(parseReference(text)).toEqual(reference);
  });
});

describe('a reference is refused with what is wrong about it', () => {
  it.each([
    ['', 'empty'],
    [' birds', 'no model name'],
    ['birds ', 'no model name'],
    ['Birds', 'lower-case'],
    ['bïrds', 'no model name'],
    ['-birds', 'no model name'],
    ['a'.repeat(65), 'no model name'],
    [':production', 'name is missing'],
    ['@0123456789ab', 'name is missing'],
    ['birds:', 'no alias'],
    ['birds:Production', 'no alias'],
    ['birds:1', 'no alias'],
    ['birds:a:b', 'no alias'],
    ['birds:production@0123', 'no alias'],
    ['birds@', 'no version'],
    ['birds@0123:production', 'no version'],
    ['birds@../x', ''],
    ['birds\n', 'control character'],
    ['bi\u0000rds', 'control character'],
    ['http://example.org/model.onnx', 'http:// is not a place'],
    ['wandb://entity/project', 'wandb://entity/project/artifact:alias'],
    ['wandb://entity/project/a/b', 'wandb://entity/project/artifact:alias'],
    ['wandb://entity/project/a:b:c', 'wandb://entity/project/artifact:alias'],
    ['wandb://../project/a', 'wandb://entity/project/artifact:alias'],
    ['s3://bucket', 's3://bucket/folder'],
    ['s3://bucket/', 's3://bucket/folder'],
    ['s3://b_/x', 's3://bucket/folder'],
    ['s3:///x', 's3://bucket/folder'],
  ])('%j: %s', (text, why) => {
    // A slash makes a path of it, which is looked up and not found; never a version outside of the registry.
    if (text === 'birds@../x') expect(parseReference(text)).toEqual({ kind: 'path', path: text });
    else
      expect(() => parseReference(text)).toThrowError(
        expect.objectContaining({ code: 'REFERENCE_INVALID', detail: expect.stringContaining(why) }),
      );
  });
});
