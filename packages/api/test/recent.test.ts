import { expect, it } from 'vitest';
import { Recent } from '../src/jobs/recent.ts';

it('keeps what was used last, by weight, and nothing that is too heavy', () => {
  const recent = new Recent<string>(10, ({ length }) => length);
  recent.set('a', 'xxxx');
  recent.set('b', 'yyyy');
  expect(recent.get('a')).toBe('xxxx');
  recent.set('c', 'zzzz');
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual(['xxxx', undefined, 'zzzz']);
  recent.set('d', 'much too heavy');
  expect([recent.get('d'), recent.get('a')]).toEqual([undefined, 'xxxx']);
  recent.set('a', 'x');
  recent.set('e', 'yyyyy');
  expect([recent.get('a'), recent.get('c'), recent.get('e')]).toEqual(['x', 'zzzz', 'yyyyy']);
});
