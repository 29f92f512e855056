import { expect, it } from 'vitest';
import * as z from 'zod';
import { describeIssues } from '../src/index.ts';

const shape = z.strictObject({ items: z.array(z.object({ key: z.string() })), top: z.int() });
const told = (value: unknown, most?: number): string => {
  const { error } = shape.safeParse(value);
  if (!error) throw new Error('nothing is wrong with it');
  return describeIssues(error, most);
};

it('what is wrong with a value stands on one line, by its place', () => {
  expect(told({ items: [{ key: 1 }], top: 0.5 })).toBe(
    'items.0.key: Invalid input: expected string, received number; top: Invalid input: expected int, received number',
  );
  expect(told(undefined)).toBe('Invalid input: expected object, received undefined');
});

it('of much that is wrong only the beginning is told, and how much more there is', () => {
  expect(told({ items: Array.from({ length: 9 }, () => ({ key: 1 })), top: 1 }, 2)).toBe(
    'items.0.key: Invalid input: expected string, received number; items.1.key: Invalid input: expected string, received number; and 7 more',
  );
});

it('says of a value that may be one of several what each would want', () => {
  const schema = z.strictObject({
    source: z.union([z.strictObject({ url: z.string() }), z.strictObject({ s3: z.string() })]),
  });
  const { error } = schema.safeParse({ source: 'a.jpg' });
  expect(describeIssues(error ?? { issues: [] })).toBe(
    'source: Invalid input, either Invalid input: expected object, received string',
  );
  const { error: other } = schema.safeParse({ source: { file: 'a.jpg' } });
  expect(describeIssues(other ?? { issues: [] })).toBe(
    'source: Invalid input, either url: Invalid input: expected string, received undefined; Unrecognized key: "file", or s3: Invalid input: expected string, received undefined; Unrecognized key: "file"',
  );
});
